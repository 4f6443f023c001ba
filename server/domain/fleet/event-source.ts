// How a store's changes become known, and whether what is silent is still believed.

/** In which form events arrive. */
export type EventSource = 'minio-webhook' | 's3-records' | 'sns' | 'eventbridge'

/**
 * Who sees to it that a store tells of changes. `auto`: FaDO subscribes each bucket, where the store can be subscribed.
 * `external`: an operator has set it up there. `none`: nobody; what arrives all the same is a hint like any other.
 */
export type EventsSetting = 'auto' | 'external' | 'none'

/** What is known of the events of a bucket's master. Times in milliseconds, by PostgreSQL's clock. */
export type EventFacts = {
  readonly setting: EventsSetting
  /** The store takes FaDO's subscriptions: its capability `webhook-events`. */
  readonly offered: boolean
  /** When an event of this bucket last arrived. */
  readonly heardAt: number | null
  /** When a whole look found changes, and nothing had been heard since the look before. */
  readonly untoldAt: number | null
}

/**
 * `believed`: what was not told did not change, until the next whole look. `unheard`: nothing of this bucket ever arrived, so
 * nothing is known of what an operator has set up. `silent`: it changed and nobody told. `none`: there is no source.
 */
export type EventStanding = 'believed' | 'unheard' | 'silent' | 'none'

/**
 * Silence alone proves nothing, for a bucket may be idle for weeks. A source that let changes pass is believed again with its
 * next event. What FaDO subscribed itself is believed from the start.
 */
export function judgeEvents({ setting, offered, heardAt, untoldAt }: EventFacts): EventStanding {
  if (setting === 'none' || (setting === 'auto' && !offered)) return 'none'
  if (untoldAt !== null && (heardAt === null || heardAt < untoldAt)) return 'silent'
  return setting === 'external' && heardAt === null ? 'unheard' : 'believed'
}

/** Whether FaDO writes a subscription to the store's buckets. */
export const subscribes = ({ setting, offered }: Pick<EventFacts, 'setting' | 'offered'>): boolean =>
  setting === 'auto' && offered
