import { TextField } from '../shared/text-field.tsx'
import type { SectionProps } from './cluster-fields.tsx'
import { Section } from './section.tsx'
import { StoreAccessFields } from './store-access-fields.tsx'
import { StoreEventFields } from './store-event-fields.tsx'

export function StoreFields({ draft, onChange, errors, done }: SectionProps) {
  return (
    <Section title="Store" note="S3; tried with a bucket fado-probe-*, removed at once" done={done}>
      <TextField
        label="Endpoint"
        value={draft.endpoint}
        onChange={(endpoint) => onChange({ endpoint })}
        error={errors.at('endpoint')}
        placeholder="http://127.0.0.1:9010"
      />
      <div className="grid gap-3 phone:grid-cols-2">
        <TextField
          label="Access key"
          value={draft.accessKey}
          onChange={(accessKey) => onChange({ accessKey })}
          error={errors.at('accessKey')}
        />
        <TextField
          label="Secret key"
          secret
          value={draft.secretKey}
          onChange={(secretKey) => onChange({ secretKey })}
          error={errors.at('secretKey')}
          hint="Kept encrypted, never shown again."
        />
        <TextField
          label="Store name"
          value={draft.store}
          onChange={(store) => onChange({ store })}
          error={errors.at('name')}
          placeholder={draft.name}
          hint="Empty: the cluster's."
        />
        <TextField
          label="Region"
          value={draft.region}
          onChange={(region) => onChange({ region })}
          error={errors.at('region')}
          hint="If the store has regions."
        />
      </div>
      <TextField
        label="Session token"
        secret
        value={draft.sessionToken}
        onChange={(sessionToken) => onChange({ sessionToken })}
        error={errors.at('sessionToken')}
        hint="If the keys were lent for a time."
      />
      <StoreAccessFields access={draft} onChange={onChange} errors={errors} />
      <StoreEventFields draft={draft} onChange={onChange} errors={errors} />
    </Section>
  )
}
