// All that arrives at /api/notify, in whatever form, from whatever source.
import { atMostEvery } from '../../at-most-every.ts'
import { isStoreName, storesOfTopic } from '../../db/queue/bucket-events.ts'
import type { EventSource } from '../../domain/fleet/event-source.ts'
import { isName } from '../../domain/name.ts'
import { type ReadEvents, readEvents } from '../../storage/events/read-events.ts'
import type { Services } from '../services.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { createEventIntake } from './event-intake.ts'
import { createHeardNotes } from './heard-notes.ts'
import { createKnownStores } from './known-stores.ts'
import { createNotifyAccess, type NotifyAccess } from './notify-access.ts'
import { type Fetch, fetchFromAws } from './sns/sns-certificates.ts'
import { createSnsDoor } from './sns/sns-door.ts'

/** Of a message of SNS: how many events were taken, or why none. */
export type SnsTaken =
  | { readonly is: 'taken'; readonly events: number }
  | { readonly is: 'refused'; readonly why: string }
  | { readonly is: 'later' }

/** What the route of the stores' events needs. */
export type Webhook = {
  ask: NotifyAccess['ask']
  /** Whether there is a store of this name, as far as anybody knows. */
  knows(store: string): Promise<boolean>
  /** The body as it was sent, by who has a token; `store`: whose events these are, null: any's. Never throws. Returns how many it held. */
  take(body: string, store: string | null): number
  /** A message of AWS SNS, which must prove itself. Never rejects. */
  takeSns(body: string): Promise<SnsTaken>
  /** An event had to be refused though it may be a store's. */
  missed(): void
  stop(): Promise<void>
}

/** Who has a token and posts something else must not fill the log. */
const tellUnknownMs = 60_000

export type WebhookOptions = {
  /** How AWS is asked for certificates and confirmations; default: over https. */
  readonly askAws?: Fetch
  /** That events arrive is noted at most so often, in milliseconds. */
  readonly noteEveryMs?: number
}

export function createWebhook(
  deps: Pick<ServiceDeps, 'pool' | 'log'> &
    WebhookOptions & {
      readonly services: Pick<Services, 'authenticate' | 'onTokenRevoked'>
      readonly onDropped?: (keys: number) => void
    },
): Webhook {
  const { pool, log, services, askAws = fetchFromAws, noteEveryMs: everyMs } = deps
  const intake = createEventIntake(deps)
  const heard = createHeardNotes({ pool, log, ...(everyMs === undefined ? {} : { everyMs }) })
  const access = createNotifyAccess(services.authenticate)
  const off = services.onTokenRevoked((tokenId) => access.forget(tokenId))
  const isKnown = createKnownStores((name) => isStoreName(pool, name))
  const door = createSnsDoor({
    log,
    fetchText: askAws,
    storesOf: (arn) => storesOfTopic(pool, arn),
    onEnd: (stores) => heard.ended(stores, 'sns'),
  })

  const mayTell = atMostEvery(tellUnknownMs)

  function takeAll({ events, tested }: ReadEvents, source: EventSource | null, store: string | null): number {
    if (source === null) {
      if (mayTell() !== undefined)
        log.warn({ store }, 'what was posted to /api/notify is in no form that FaDO knows: docs/events.md has them')
      return 0
    }
    intake.take(events.map((event) => ({ ...event, store })))
    const buckets = new Set([...events.map(({ bucket }) => bucket), ...tested])
    for (const bucket of buckets) heard.note({ bucket, store, source })
    return events.length
  }

  return {
    ask: access.ask,
    knows: async (store) => isName(store) && isKnown(store),
    take(body, store) {
      const read = readEvents(body)
      return takeAll(read, read.source, store)
    },
    async takeSns(body) {
      const answer = await door.answer(body)
      if (answer.is === 'confirmed') return { is: 'taken', events: 0 }
      if (answer.is !== 'notified') return answer
      const read = readEvents(answer.message)
      for (const store of answer.stores) takeAll(read, read.source === null ? null : 'sns', store)
      return { is: 'taken', events: read.events.length }
    },
    missed: intake.missed,
    async stop() {
      off()
      await intake.stop()
      await heard.stop()
    },
  }
}
