import type { ClusterPartsFragment } from '../../../graphql/generated/operations.ts'
import type { ClusterDraft } from '../../_lib/cluster-draft.ts'
import { zonesOf } from '../../_lib/fleet-parts.ts'
import type { FieldErrors } from '../../_lib/refusals.ts'
import { Field } from '../shared/field.tsx'
import { NamesInput } from '../shared/names-input.tsx'
import { TextField } from '../shared/text-field.tsx'
import { Section } from './section.tsx'

export type SectionProps = {
  readonly draft: ClusterDraft
  readonly onChange: (part: Partial<ClusterDraft>) => void
  readonly errors: FieldErrors
  readonly done: boolean
}

export function ClusterFields({
  draft,
  onChange,
  errors,
  done,
  known,
}: SectionProps & { readonly known: readonly ClusterPartsFragment[] }) {
  return (
    <Section title="Cluster" note="a place with functions and a store" done={done}>
      <TextField
        label="Cluster name"
        value={draft.name}
        onChange={(name) => onChange({ name })}
        error={errors.at('name')}
        disabled={done}
        hint="Unique in the fleet, never changed."
      />
      <Field
        label="Zones"
        error={errors.at('zones')}
        hint="What policies may ask for: a country, a kind of place. Any names."
      >
        {(described) => (
          <NamesInput
            initial={draft.zones}
            onChange={(zones) => onChange({ zones })}
            known={zonesOf(known)}
            placeholder="Add a zone"
            described={described}
          />
        )}
      </Field>
    </Section>
  )
}
