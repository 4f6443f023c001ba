// How changes on a store become known, and whether that is believed.
import {
  type EventFacts,
  type EventSource,
  type EventStanding,
  judgeEvents,
} from '../../server/domain/fleet/event-source.ts'
import {
  lastHeard,
  type StoreEventFacts,
  storeEventHints,
  storeStanding,
} from '../../server/domain/fleet/say-events.ts'
import { builder } from './builder.ts'
import { Reason } from './reason.ts'

export const EventsSetting = builder.enumType('EventsSetting', {
  description: 'Who sees to it that a store tells of changes.',
  values: {
    AUTO: { value: 'auto', description: 'FaDO subscribes each bucket, where the store can be subscribed.' },
    EXTERNAL: { value: 'external', description: 'An operator has set it up there: `fado store events` prints how.' },
    NONE: { value: 'none', description: 'Nobody. What arrives all the same is a hint like any other.' },
  } as const,
})

const EventsState = builder.enumType('EventsState', {
  values: {
    BELIEVED: { value: 'believed', description: 'What was not told did not change, until the next whole look.' },
    UNHEARD: { value: 'unheard', description: 'No event ever arrived: it is looked at in turns until one does.' },
    SILENT: {
      value: 'silent',
      description: 'It changed and nobody told: it is looked at in turns until the next event.',
    },
    NONE: { value: 'none', description: 'Nothing tells of changes: it is looked at in turns.' },
  } as const satisfies Record<string, { value: EventStanding; description: string }>,
})

const EventForm = builder.enumType('EventForm', {
  description: 'In which form events arrive at /api/notify.',
  values: {
    MINIO_WEBHOOK: { value: 'minio-webhook' },
    S3_RECORDS: { value: 's3-records', description: 'The records of S3, as Ceph RGW and others send them.' },
    SNS: { value: 'sns' },
    EVENTBRIDGE: { value: 'eventbridge' },
  } as const satisfies Record<string, { value: EventSource; description?: string }>,
})

const lastEventAt = 'When an event last arrived, to a few seconds; null: never.'
const dateOf = (milliseconds: number | null | undefined) =>
  milliseconds === null || milliseconds === undefined ? null : new Date(milliseconds)

export const StoreEvents = builder
  .objectRef<StoreEventFacts & { readonly snsTopics: readonly string[] }>('StoreEvents')
  .implement({
    description: 'Of the buckets whose master lies on the store.',
    fields: (t) => ({
      setting: t.field({ type: EventsSetting, resolve: ({ setting }) => setting }),
      state: t.field({ type: EventsState, description: 'The worst of its buckets.', resolve: storeStanding }),
      form: t.field({
        type: EventForm,
        nullable: true,
        description: 'Of the last event.',
        resolve: (events) => lastHeard(events)?.heardFrom ?? null,
      }),
      lastEventAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: lastEventAt,
        resolve: (events) => dateOf(lastHeard(events)?.heardAt),
      }),
      snsTopics: t.stringList({
        description: 'Topics of AWS SNS that may tell of changes there; of others nothing is taken.',
        resolve: ({ snsTopics }) => [...snsTopics],
      }),
      path: t.string({
        description: 'Where this store may post its events, at the address of FaDO; /api/notify is for all.',
        resolve: ({ store }) => `/api/notify/${store}`,
      }),
      hints: t.field({
        type: [Reason],
        description: 'What is amiss with its events, and what to do for better ones.',
        resolve: storeEventHints,
      }),
    }),
  })

export const MasterEvents = builder
  .objectRef<EventFacts & { readonly heardFrom: EventSource | null }>('MasterEvents')
  .implement({
    description: "Of one bucket's master.",
    fields: (t) => ({
      state: t.field({ type: EventsState, resolve: judgeEvents }),
      form: t.field({
        type: EventForm,
        nullable: true,
        description: 'Of the last event.',
        resolve: (events) => events.heardFrom,
      }),
      lastEventAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: lastEventAt,
        resolve: ({ heardAt }) => dateOf(heardAt),
      }),
      silentSince: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'With SILENT: when a whole look found changes of which nobody had told.',
        resolve: (events) => (judgeEvents(events) === 'silent' ? dateOf(events.untoldAt) : null),
      }),
    }),
  })
