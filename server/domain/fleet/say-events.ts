// What is amiss with a store's events, and what to do for better ones, as sentences.
import { listOf, type Reason } from '../reason.ts'
import {
  type EventFacts,
  type EventSource,
  type EventStanding,
  type EventsSetting,
  judgeEvents,
} from './event-source.ts'

/** Of a bucket whose master lies on the store. */
export type BucketEventFacts = EventFacts & { readonly bucket: string; readonly heardFrom: EventSource | null }

export type StoreEventFacts = {
  readonly store: string
  readonly setting: EventsSetting
  /** Its capability `webhook-events`. */
  readonly offered: boolean
  readonly buckets: readonly BucketEventFacts[]
}

/** The worst that holds for a bucket; where there is none, what one would begin with. */
export function storeStanding({ setting, offered, buckets }: StoreEventFacts): EventStanding {
  const standings = buckets.map(judgeEvents)
  const worst = (['silent', 'unheard'] as const).find((standing) => standings.includes(standing))
  const atFirst = judgeEvents({ setting, offered, heardAt: null, untoldAt: null })
  return worst ?? (standings.length > 0 && atFirst === 'unheard' ? 'believed' : atFirst)
}

/** The last event of any of its buckets. */
export function lastHeard({ buckets }: StoreEventFacts): BucketEventFacts | undefined {
  return buckets.reduce<BucketEventFacts | undefined>(
    (last, one) => (one.heardAt !== null && one.heardAt > (last?.heardAt ?? 0) ? one : last),
    undefined,
  )
}

const turns = 'looked at in turns, twice within max_staleness'

/** Where to look when nothing arrives that should. */
const look = ({ store, setting }: StoreEventFacts): string =>
  `${setting === 'auto' ? 'Look whether its webhook target FADO reaches FaDO and its token is still good' : 'Look at what sends them'}: fado store events ${store} prints the settings`

/** What is amiss with the store's events, and what to do for better ones. */
export function storeEventHints(facts: StoreEventFacts): readonly Reason[] {
  const { store, setting, offered, buckets } = facts
  const none = judgeEvents({ setting, offered, heardAt: null, untoldAt: null }) === 'none'
  if (none) {
    const message = `Its buckets are ${turns}: fado store events ${store} prints the settings with which it tells at once`
    return [{ code: 'EVENTS_NONE', message, store }]
  }
  const those = (standing: EventStanding) =>
    buckets.filter((one) => judgeEvents(one) === standing).map(({ bucket }) => bucket)
  const [silent, unheard] = [those('silent'), those('unheard')]
  return [
    ...silentHint(facts, silent),
    ...(unheard.length === 0
      ? []
      : [
          {
            code: 'EVENTS_UNHEARD' as const,
            message: `No event ever arrived of ${listOf(unheard)}: until the first, ${turns}. ${look(facts)}`,
            store,
          },
        ]),
  ]
}

function silentHint(facts: StoreEventFacts, silent: readonly string[]): readonly Reason[] {
  if (silent.length === 0) return []
  const message = `Nobody told of changes in ${listOf(silent)}: its events are not believed until the next one, and meanwhile it is ${turns}. ${look(facts)}`
  return [{ code: 'EVENTS_SILENT', message, store: facts.store }]
}
