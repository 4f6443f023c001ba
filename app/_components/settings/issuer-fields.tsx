import type { CallerDraft } from '../../_lib/caller-draft.ts'
import type { FieldErrors } from '../../_lib/refusals.ts'
import { Field } from '../shared/field.tsx'
import { LinesField } from '../shared/lines-field.tsx'
import { NamesInput } from '../shared/names-input.tsx'
import { TextField } from '../shared/text-field.tsx'
import { TextFileField } from '../shared/text-file-field.tsx'

type Props = {
  readonly draft: CallerDraft
  readonly onChange: (more: Partial<CallerDraft>) => void
  readonly errors: FieldErrors
}

/** Whose tokens, and what they must say. */
export function IssuerFields({ draft, onChange, errors }: Props) {
  return (
    <>
      <TextField
        label="Issuer"
        value={draft.issuer}
        onChange={(issuer) => onChange({ issuer })}
        error={errors.at('how.jwt.issuer')}
        placeholder="https://login.example"
        hint="As the claim iss of its tokens has it."
      />
      <TextField
        label="Keys at"
        value={draft.jwksUrl}
        onChange={(jwksUrl) => onChange({ jwksUrl })}
        error={errors.at('how.jwt.jwksUrl')}
        placeholder="https://login.example/.well-known/jwks.json"
        hint="Where the issuer shows its public keys. FaDO asks there every five minutes."
      />
      <TextFileField
        label="Or the keys themselves"
        value={draft.jwks}
        onChange={(jwks) => onChange({ jwks })}
        error={errors.at('how.jwt.jwks')}
        placeholder='{"keys": [...]}'
        hint="A JWK set. Only public keys of it are kept."
      />
      <Field
        label="Audiences"
        error={errors.at('how.jwt.audiences')}
        hint="The claim aud must be or hold one. None: whatever it says."
      >
        {(described) => (
          <NamesInput
            initial={draft.audiences}
            onChange={(audiences) => onChange({ audiences })}
            known={[]}
            placeholder="Add an audience"
            described={described}
          />
        )}
      </Field>
      <LinesField
        label="Claims"
        value={draft.claims}
        onChange={(claims) => onChange({ claims })}
        error={errors.at('how.jwt.claims')}
        placeholder="role=nurse,doctor"
        hint="One to a line; each must be or hold one of its values."
      />
    </>
  )
}
