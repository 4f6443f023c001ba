'use client'
import type { FaasAuthKind } from '../../../graphql/generated/operations.ts'
import { type ProofDraft, proofs } from '../../_lib/function-proofs.ts'
import { Field } from '../shared/field.tsx'
import { TextField } from '../shared/text-field.tsx'
import { TextFileField } from '../shared/text-file-field.tsx'
import type { OfPlatform } from './functions-part.ts'

/** How the platform knows that a call is FaDO's. */
export function FunctionsAuthFields(props: OfPlatform) {
  const { draft, onChange, errors, platform } = props
  const offered = draft.auth === null ? platform.authKinds : [...new Set([...platform.authKinds, draft.auth])]
  return (
    <>
      <Field
        label="Proof"
        error={errors.at('auth')}
        hint="By what the platform knows that calls are FaDO’s. Callers neither need nor see it."
      >
        {(described) => (
          <select
            {...described}
            className="input w-full"
            value={draft.auth ?? ''}
            onChange={(event) => onChange({ auth: kindOf(event.target.value) })}
          >
            <option value="">None: it takes calls of anyone</option>
            {offered.map((kind) => (
              <option key={kind} value={kind}>
                {proofs[kind].title}
              </option>
            ))}
          </select>
        )}
      </Field>
      {draft.auth !== null && <ProofFields {...props} auth={draft.auth} />}
    </>
  )
}

const kindOf = (text: string): FaasAuthKind | null => (text === '' ? null : (text as FaasAuthKind))

function ProofFields({ draft, onChange, errors, before, auth }: OfPlatform & { readonly auth: FaasAuthKind }) {
  const kept = before?.auth?.kind === auth ? 'Empty: as it is.' : 'Kept encrypted, never shown again.'
  const text = (label: string, field: Texts, path: string, hint = '') => (
    <TextField
      label={label}
      secret={secrets.has(field)}
      value={draft[field]}
      onChange={(value) => onChange({ [field]: value })}
      error={errors.at(`auth.${path}`)}
      hint={hint}
    />
  )
  switch (auth) {
    case 'AWS_SIGV4':
      return (
        <div className="grid gap-3 phone:grid-cols-2">
          {text('Access key of AWS', 'accessKey', 'awsSigV4.accessKey')}
          {text('Secret key of AWS', 'secretKey', 'awsSigV4.secretKey', kept)}
          {text('Region of AWS', 'region', 'awsSigV4.region')}
          {text('Service', 'service', 'awsSigV4.service')}
          {text('Session token of AWS', 'sessionToken', 'awsSigV4.sessionToken', 'If the keys were lent for a time.')}
        </div>
      )
    case 'GOOGLE_SERVICE_ACCOUNT':
      return (
        <TextFileField
          label="Key file of the service account (JSON)"
          secret
          value={draft.serviceAccount}
          onChange={(serviceAccount) => onChange({ serviceAccount })}
          error={errors.at('auth.googleServiceAccount')}
          hint={kept}
        />
      )
    case 'KEY':
      return (
        <div className="grid gap-3 phone:grid-cols-2">
          {text('Header', 'header', 'key.header')}
          {text('Key', 'secret', 'key.value', kept)}
        </div>
      )
    case 'BEARER':
      return text('Token', 'secret', 'bearer', kept)
  }
}

type Texts = Exclude<keyof ProofDraft, 'serviceAccount'>
const secrets: ReadonlySet<Texts> = new Set<Texts>(['secretKey', 'sessionToken', 'secret'])
