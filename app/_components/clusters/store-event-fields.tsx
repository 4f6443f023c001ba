'use client'
import type { EventsSetting } from '../../../graphql/generated/operations.ts'
import type { FieldErrors } from '../../_lib/refusals.ts'
import { eventSettings } from '../../_lib/store-events.ts'
import { Field } from '../shared/field.tsx'

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
        <Field
          label="Topics of AWS SNS"
          error={errors.at('snsTopics')}
          hint="If SNS sends them: ARNs, one to a line. Messages of other topics are refused."
        >
          {(described) => (
            <textarea
              {...described}
              className="input mono h-16 w-full py-2"
              rows={2}
              spellCheck={false}
              placeholder="arn:aws:sns:eu-central-1:123456789012:fado"
              value={draft.snsTopics}
              onChange={(event) => onChange({ snsTopics: event.target.value })}
            />
          )}
        </Field>
      )}
    </>
  )
}
