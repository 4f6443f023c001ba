'use client'
import type { StorePartsFragment } from '../../../graphql/generated/operations.ts'
import { sentence } from '../../_lib/sentence.ts'
import { eventForms } from '../../_lib/store-events.ts'
import { Ago } from '../shared/ago.tsx'

/** How changes on a store become known, and what is amiss with that. */
export function StoreEventFacts({ store: { events } }: { readonly store: StorePartsFragment }) {
  if (events.state === 'NONE') return <span className="text-ink-2">Sends no events: looked at in turns. </span>
  return (
    <>
      <span className="text-ink-2">
        {events.lastEventAt === null ? (
          'No event yet. '
        ) : (
          <>
            Last event <Ago time={events.lastEventAt} />
            {events.form !== null && ` by ${eventForms[events.form]}`}.{' '}
          </>
        )}
      </span>
      {events.hints.map(({ message }) => (
        <span key={message} className={events.state === 'SILENT' ? 'text-warn' : 'text-ink-2'}>
          {sentence(message)}{' '}
        </span>
      ))}
    </>
  )
}
