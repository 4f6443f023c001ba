import type { CallerDraft } from '../../_lib/caller-draft.ts'
import type { FieldErrors } from '../../_lib/refusals.ts'
import { Field } from '../shared/field.tsx'
import { NamesInput } from '../shared/names-input.tsx'
import { TextFileField } from '../shared/text-file-field.tsx'

type Props = {
  readonly draft: CallerDraft
  readonly onChange: (more: Partial<CallerDraft>) => void
  readonly errors: FieldErrors
}

/** Whose certificates, and which names they must have. */
export function CertificateFields({ draft, onChange, errors }: Props) {
  return (
    <>
      <TextFileField
        label="Authority (PEM)"
        value={draft.ca}
        onChange={(ca) => onChange({ ca })}
        error={errors.at('how.certificate.ca')}
        placeholder="-----BEGIN CERTIFICATE-----"
        hint="The certificate of who signs them: the same for all callers. They are shown where the ingress speaks TLS."
      />
      <Field
        label="Names"
        error={errors.at('how.certificate.subjectAltNames')}
        hint="One must be among the URIs and DNS names of the certificate (subjectAltName), to the letter."
      >
        {(described) => (
          <NamesInput
            initial={draft.subjectAltNames}
            onChange={(subjectAltNames) => onChange({ subjectAltNames })}
            known={[]}
            placeholder="spiffe://clinic.example/nurse"
            described={described}
            wide
          />
        )}
      </Field>
    </>
  )
}
