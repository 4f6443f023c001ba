'use client'
import { useState } from 'react'
import { type CallerKind, CreateCallerDocument } from '../../../graphql/generated/operations.ts'
import { type CallerDraft, callerFaults, callerInput, emptyCaller } from '../../_lib/caller-draft.ts'
import { name, say } from '../../_lib/parts.ts'
import { useCheckedAct } from '../../_lib/use-act.ts'
import { Field } from '../shared/field.tsx'
import { FormOverlay } from '../shared/form-overlay.tsx'
import { ShownOnce } from '../shared/shown-once.tsx'
import { TextField } from '../shared/text-field.tsx'
import { useToast } from '../shared/toasts.tsx'
import { CertificateFields } from './certificate-fields.tsx'
import { IssuerFields } from './issuer-fields.tsx'

export function CreateCaller({ onClose }: { readonly onClose: () => void }) {
  const [secret, setSecret] = useState<string>()
  const toast = useToast()
  const made = (caller: string, key: string | null) => {
    if (key !== null) return setSecret(key)
    toast({ parts: say`Created ${name(caller)}.` })
    onClose()
  }
  return secret === undefined ? (
    <CallerForm onDone={made} onClose={onClose} />
  ) : (
    <ShownOnce title="The new caller’s key" secret={secret} onClose={onClose}>
      It goes into the header <code>Authorization: Bearer</code> of calls. Whoever has it is let in where this caller
      is, until it is deleted.
    </ShownOnce>
  )
}

const shown = [
  'name',
  ...['issuer', 'jwksUrl', 'jwks', 'audiences', 'claims'].map((field) => `how.jwt.${field}`),
  ...['ca', 'subjectAltNames'].map((field) => `how.certificate.${field}`),
]

const kinds = ['KEY', 'JWT', 'CERTIFICATE'] as const
const known: Readonly<Record<CallerKind, string>> = {
  KEY: 'a key that FaDO makes',
  JWT: 'tokens of an issuer (JWT)',
  CERTIFICATE: 'client certificates',
}

type FormProps = {
  /** `secret`: of a key. */
  readonly onDone: (name: string, secret: string | null) => void
  readonly onClose: () => void
}

function CallerForm({ onDone, onClose }: FormProps) {
  const [draft, setDraft] = useState(emptyCaller)
  const { run, busy, errors, clear } = useCheckedAct(CreateCallerDocument, shown)
  const change = (more: Partial<CallerDraft>) => setDraft({ ...draft, ...more })

  const submit = async () => {
    const done = await run(callerFaults(draft), { input: callerInput(draft) })
    if (done !== undefined) onDone(done.caller.name, done.secret)
  }
  return (
    <FormOverlay
      title="Create a caller"
      act="Create the caller"
      busy={busy}
      refused={errors.rest}
      onSubmit={submit}
      onEdit={clear}
      onClose={onClose}
    >
      <TextField
        label="Name"
        value={draft.name}
        onChange={(text) => change({ name: text })}
        error={errors.at('name')}
        hint="Policies name it so."
      />
      <Field label="Known by">
        {(described) => (
          <select
            {...described}
            className="input w-full"
            value={draft.by}
            onChange={(event) => change({ by: kinds.find((kind) => kind === event.target.value) ?? 'KEY' })}
          >
            {kinds.map((kind) => (
              <option key={kind} value={kind}>
                {known[kind]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {draft.by === 'JWT' && <IssuerFields draft={draft} onChange={change} errors={errors} />}
      {draft.by === 'CERTIFICATE' && <CertificateFields draft={draft} onChange={change} errors={errors} />}
    </FormOverlay>
  )
}
