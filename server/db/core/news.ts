// What one attempt at a transaction has to tell: stored before its COMMIT, told after it.

/**
 * What there may be to do. `task` and `object` wake movers, `bucket` the reconciler, `route` and `endpoints` the proxies'
 * feeders, `store` and `functions` the probes, `event` the subscriptions.
 */
export const topics = ['bucket', 'object', 'task', 'route', 'endpoints', 'functions', 'store', 'event'] as const
export type Topic = (typeof topics)[number]

/** What subscriptions hear of. */
export type EventTopic = 'bucket' | 'replica' | 'route' | 'proxy' | 'cluster' | 'storage' | 'faas' | 'token' | 'caller'

export type News = {
  wake(topic: Topic): void
  changed(topic: EventTopic, subjects: readonly string[]): void
  /** Writes one event for each subject that changed, in one statement; none where nothing did. */
  store(query: (text: string, values: unknown[]) => Promise<unknown>): Promise<void>
  readonly topics: ReadonlySet<Topic>
}

export function createNews(): News {
  const woken = new Set<Topic>()
  const changes = new Map<EventTopic, Set<string>>()
  return {
    topics: woken,
    wake: (topic) => void woken.add(topic),
    changed(topic, subjects) {
      if (subjects.length === 0) return
      const known = changes.get(topic) ?? new Set()
      for (const subject of subjects) known.add(subject)
      changes.set(topic, known)
      woken.add('event')
    },
    async store(query) {
      const events = [...changes].flatMap(([topic, subjects]) => [...subjects].map((subject) => ({ topic, subject })))
      if (events.length === 0) return
      await query('INSERT INTO event (topic, subject) SELECT * FROM unnest($1::text[], $2::text[])', [
        events.map(({ topic }) => topic),
        events.map(({ subject }) => subject),
      ])
    },
  }
}
