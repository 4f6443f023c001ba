'use client'
import { useState } from 'react'
import { CreateTokenDocument, type TokenRole } from '../../../graphql/generated/operations.ts'
import { zonesOf } from '../../_lib/fleet-parts.ts'
import { fieldErrors } from '../../_lib/refusals.ts'
import { useAct } from '../../_lib/use-act.ts'
import { Field } from '../shared/field.tsx'
import { FormOverlay } from '../shared/form-overlay.tsx'
import { NamesInput } from '../shared/names-input.tsx'
import { ShownOnce } from '../shared/shown-once.tsx'
import { TextField } from '../shared/text-field.tsx'
import { useFleet } from '../shared/use-fleet.ts'

const roles: readonly { readonly role: TokenRole; readonly words: string }[] = [
  { role: 'VIEWER', words: 'viewer: reads' },
  { role: 'OPERATOR', words: 'operator: buckets, policies, routes' },
  { role: 'ADMIN', words: 'admin: everything, clusters and tokens too' },
  { role: 'NOTIFY', words: 'notify: webhooks of stores only' },
  { role: 'PROXY', words: 'proxy: xDS only' },
]

export function CreateToken({ onClose }: { readonly onClose: () => void }) {
  const [secret, setSecret] = useState<string>()
  return secret === undefined ? (
    <TokenForm onDone={setSecret} onClose={onClose} />
  ) : (
    <ShownOnce title="The new token" secret={secret} onClose={onClose}>
      Whoever has it may do what its role allows.
    </ShownOnce>
  )
}

type FormProps = { readonly onDone: (secret: string) => void; readonly onClose: () => void }

function TokenForm({ onDone, onClose }: FormProps) {
  const [name, setName] = useState('')
  const [role, setRole] = useState<TokenRole>('VIEWER')
  const [zones, setZones] = useState<readonly string[]>([])
  const [expires, setExpires] = useState('')
  const create = useAct(CreateTokenDocument)
  const { clusters } = useFleet()
  const known = zonesOf(clusters ?? [])
  const errors = fieldErrors(create.refused, ['name', 'role', 'zones', 'expiresAt'])

  const submit = async () => {
    // A day without a time ends at its midnight, in the reader's zone.
    const expiresAt = expires === '' ? null : new Date(`${expires}T23:59:59`).toISOString()
    const done = await create.run({ input: { name: name.trim(), role, zones, expiresAt } })
    if (done.ok) onDone(done.value.secret)
  }
  return (
    <FormOverlay
      title="Create a token"
      act="Create the token"
      busy={create.busy}
      refused={errors.rest}
      onSubmit={submit}
      onEdit={create.clear}
      onClose={onClose}
    >
      <TextField
        label="Name"
        value={name}
        onChange={setName}
        error={errors.at('name')}
        hint="What it is for: ci, grafana, alice."
      />
      <Field label="Role" error={errors.at('role')}>
        {(described) => (
          <select
            {...described}
            className="input w-full"
            value={role}
            onChange={(event) => setRole(roles.find((one) => one.role === event.target.value)?.role ?? role)}
          >
            {roles.map((one) => (
              <option key={one.role} value={one.role}>
                {one.words}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Bound to zones" error={errors.at('zones')} hint="None: all of the fleet.">
        {(described) => (
          <NamesInput
            initial={zones}
            onChange={setZones}
            known={known}
            placeholder="Add a zone"
            described={described}
          />
        )}
      </Field>
      <Field label="Expires after" error={errors.at('expiresAt')} hint="Empty: never.">
        {(described) => (
          <input
            {...described}
            className="input w-44"
            type="date"
            value={expires}
            onChange={(event) => setExpires(event.target.value)}
          />
        )}
      </Field>
    </FormOverlay>
  )
}
