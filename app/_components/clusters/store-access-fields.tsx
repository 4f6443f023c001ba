'use client'
import type { StoreAddressing } from '../../../graphql/generated/operations.ts'
import type { FieldErrors } from '../../_lib/refusals.ts'
import { Field } from '../shared/field.tsx'
import { TextField } from '../shared/text-field.tsx'
import { TextFileField } from '../shared/text-file-field.tsx'

/** How a store is reached, beside its endpoint and keys. */
export type StoreAccessDraft = {
  readonly publicEndpoint: string
  readonly addressing: StoreAddressing
  readonly caCertificates: string
  readonly skipTlsVerify: boolean
}

type Props = {
  readonly access: StoreAccessDraft
  readonly onChange: (part: Partial<StoreAccessDraft>) => void
  readonly errors: FieldErrors
}

const styles: readonly (readonly [StoreAddressing, string])[] = [
  ['AUTO', 'As the store needs it'],
  ['PATH', 'https://host/bucket/key'],
  ['VIRTUAL_HOSTED', 'https://bucket.host/key'],
]

export function StoreAccessFields({ access, onChange, errors }: Props) {
  return (
    <>
      <TextField
        label="Public endpoint"
        value={access.publicEndpoint}
        onChange={(publicEndpoint) => onChange({ publicEndpoint })}
        error={errors.at('publicEndpoint')}
        hint="If clients reach the store under another address than FaDO."
      />
      <Field
        label="Addresses of buckets"
        error={errors.at('addressing')}
        hint="AWS wants the bucket before the host, most others after it."
      >
        {(described) => (
          <select
            {...described}
            className="input w-full"
            value={access.addressing}
            onChange={(event) => onChange({ addressing: event.target.value as StoreAddressing })}
          >
            {styles.map(([style, words]) => (
              <option key={style} value={style}>
                {words}
              </option>
            ))}
          </select>
        )}
      </Field>
      <TextFileField
        label="Authorities (PEM)"
        value={access.caCertificates}
        onChange={(caCertificates) => onChange({ caCertificates })}
        error={errors.at('caCertificates')}
        placeholder="-----BEGIN CERTIFICATE-----"
        hint="If the store's certificate is signed by a CA of your own."
      />
      <label className="check items-start">
        <input
          className="mt-1"
          type="checkbox"
          checked={access.skipTlsVerify}
          onChange={(event) => onChange({ skipTlsVerify: event.target.checked })}
        />
        <span>
          Take any certificate. <span className="text-ink-2">For trials: whoever is on the way can read all.</span>
        </span>
      </label>
    </>
  )
}
