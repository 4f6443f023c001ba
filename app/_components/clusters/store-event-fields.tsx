'use client'
import type { EventsSetting } from '../../../graphql/generated/operations.ts'
import type { FieldErrors } from '../../_lib/refusals.ts'
import { eventSettings } from '../../_lib/store-events.ts'
import { Field } from '../shared/field.tsx'
import { LinesField } from '../shared/lines-field.tsx'

/** Who tells of changes on a store. */
export type StoreEventDraft = { readonly events: EventsSetting; readonly snsTopics: string }

type Props = {
  readonly draft: StoreEventDraft
  readonly onChange: (part: Partial<StoreEventDraft>) => void
  readonly errors: FieldErrors
}

export function StoreEventFields({ draft, onChange, errors }: Props) {
  return (
    <>
      <Field
        label="Events"
        error={errors.at('events')}
        hint="How changes that others make become known. AWS and Ceph are set up by you: fado store events says how."
      >
        {(described) => (
          <select
            {...described}
            className="input w-full"
            value={draft.events}
            onChange={(event) => onChange({ events: event.target.value as EventsSetting })}
          >
            {eventSettings.map(([setting, words]) => (
              <option key={setting} value={setting}>
                {words}
              </option>
            ))}
          </select>
        )}
      </Field>
      {draft.events === 'EXTERNAL' && (
        <LinesField
          label="Topics of AWS SNS"
          value={draft.snsTopics}
          onChange={(snsTopics) => onChange({ snsTopics })}
          error={errors.at('snsTopics')}
          placeholder="arn:aws:sns:eu-central-1:123456789012:fado"
          hint="If SNS sends them: ARNs, one to a line. Messages of other topics are refused."
        />
      )}
    </>
  )
}
