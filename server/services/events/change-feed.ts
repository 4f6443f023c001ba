// What changed, for subscriptions: one reader of the event table per process, however many subscribers. Each of them has
// a set of subjects that changed since it last looked, so a slow one gets the latest state and nothing piles up.
import { revokedTokens, withoutToken } from '../../db/catalogue/api-tokens.ts'
import { bucketIdsAfter, bucketIdsThatNeed } from '../../db/catalogue/bucket-list.ts'
import { listProxies } from '../../db/catalogue/proxies.ts'
import { bucketOfReplicas, replicaIdsAfter } from '../../db/catalogue/replicas.ts'
import { type Cursor, presentCursor, readEvents, type StoredEvent } from '../../db/core/events.ts'
import type { EventTopic } from '../../db/core/news.ts'
import type { Wakeups } from '../../db/core/notify.ts'
import type { Pool } from '../../db/core/pool.ts'
import type { Log } from '../../log.ts'
import { createThrottle } from '../shared/throttle.ts'

/** What a subscriber follows; subjects are ids of replicas, of buckets (their routes), of proxies, or `topic:id` of anything. */
export type Followed = 'replica' | 'route' | 'proxy' | 'any'

/** What `any` tells of: things that come and go. What moves all the time is followed by itself. */
const announced: ReadonlySet<EventTopic> = new Set<EventTopic>([
  'bucket',
  'cluster',
  'storage',
  'faas',
  'token',
  'caller',
  'proxy',
])

/** Subjects to be looked at. Who looks at them with the same `moment` may share what was loaded. */
export type Batch = { readonly subjects: readonly string[]; readonly moment: object }

export type ChangeFeed = {
  /** First all that is there, then what changes; ends when the signal does. `bucketId`: of this bucket only. */
  watch(what: Followed, bucketId: string | undefined, signal: AbortSignal): AsyncGenerator<Batch, void, undefined>
  /**
   * Calls the listener with the id of each token that is revoked. `held`: those that it would hear of, to be asked for when
   * the database is another one. Returns what takes it away again.
   */
  onTokenRevoked(listener: (tokenId: string) => void, held?: () => readonly string[]): () => void
  /** The database is another one: every subscriber is told all that is there, tokens that are not are revoked. */
  beginAnew(): Promise<void>
  stop(): Promise<void>
}

/** A subject of `any`: whatever was read before may be otherwise now. */
const everything = 'everything'

const page = 1_000
const pollMs = 1_000
/** A transaction that holds later events back may end without waking anybody: they are looked for after this, then after twice as long. */
const leastHeldMs = 10
/** At most 4 events a second per replica: the present state and 3 ticks. */
const intervals: Readonly<Record<Followed, number>> = { replica: 340, route: 20, proxy: 100, any: 250 }
/** Proxies and functions come and go with many routes at once; looking at all of them has its price. */
const manyRoutesMs = 1_000
const batchSize = 200
const first = '00000000-0000-0000-0000-000000000000'

type Watcher = {
  readonly bucketId: string | undefined
  readonly changed: Set<string>
  moment: object
  wake: () => void
  /** All that is there is to be told again. */
  anew: boolean
}

export async function createChangeFeed(deps: {
  pool: Pool
  wakeups: Pick<Wakeups, 'on'>
  log: Log
}): Promise<ChangeFeed> {
  const { pool, wakeups, log } = deps
  const watchers: Readonly<Record<Followed, Set<Watcher>>> = {
    replica: new Set(),
    route: new Set(),
    proxy: new Set(),
    any: new Set(),
  }
  const tokenListeners = new Map<(tokenId: string) => void, () => readonly string[]>()
  const stopping = new AbortController()
  let cursor: Cursor = await presentCursor(pool)
  let heldMs = leastHeldMs
  let again: NodeJS.Timeout | undefined

  const report = (error: unknown) => void log.warn({ err: error }, 'changes could not be read')
  const ticks = {
    replica: createThrottle(intervals.replica, (subjects) => tick('replica', subjects), report),
    route: createThrottle(intervals.route, (subjects) => tick('route', subjects), report),
    proxy: createThrottle(intervals.proxy, (subjects) => tick('proxy', subjects), report),
    any: createThrottle(intervals.any, (subjects) => tick('any', subjects), report),
    allRoutes: createThrottle(manyRoutesMs, lookAtAllRoutes, report),
    functions: createThrottle(manyRoutesMs, lookAtRoutesTo, report),
    token: createThrottle(0, lookAtTokens, report),
    read: createThrottle(0, read, report),
  }

  async function read(): Promise<void> {
    for (;;) {
      const from = cursor
      const { events, held } = await readEvents(pool, from, page)
      if (cursor !== from) continue // the database became another one meanwhile
      for (const event of events) dispatch(event)
      const last = events.at(-1)
      if (last === undefined) return lookAgain(held)
      cursor = { xid: last.xid, number: last.number }
    }
  }

  function lookAgain(held: boolean): void {
    clearTimeout(again)
    if (held && !stopping.signal.aborted) again = setTimeout(() => ticks.read.add(''), heldMs)
    heldMs = held ? Math.min(pollMs, 2 * heldMs) : leastHeldMs
  }

  function dispatch({ topic, subject }: StoredEvent): void {
    if (announced.has(topic)) ticks.any.add(`${topic}:${subject}`)
    if (topic === 'token') ticks.token.add(subject)
    if (topic === 'replica') ticks.replica.add(subject)
    if (topic === 'route' || topic === 'bucket') ticks.route.add(subject)
    if (topic === 'faas') ticks.functions.add(subject)
    if (topic === 'proxy') {
      ticks.proxy.add(subject)
      ticks.allRoutes.add('all')
    }
  }

  /** What is told of a token may be that it was made: a session that it opened meanwhile goes on. */
  async function lookAtTokens(ids: readonly string[]): Promise<void> {
    for (const id of await revokedTokens(pool, ids)) for (const listener of tokenListeners.keys()) listener(id)
  }

  async function lookAtAllRoutes(): Promise<void> {
    if (watchers.route.size === 0) return
    for await (const ids of pages((after) => bucketIdsAfter(pool, after, page))) await tick('route', ids)
  }

  async function lookAtRoutesTo(faasIds: readonly string[]): Promise<void> {
    if (watchers.route.size === 0) return
    for await (const ids of pages((after) => bucketIdsThatNeed(pool, faasIds, after, page))) await tick('route', ids)
  }

  async function tick(what: Followed, subjects: readonly string[]): Promise<void> {
    const all = watchers[what]
    if (all.size === 0) return
    const bucketOf = await bucketsOf(what, subjects)
    const moment = {}
    for (const watcher of all) {
      const concerned = subjects.filter((id) => watcher.bucketId === undefined || bucketOf(id) === watcher.bucketId)
      if (concerned.length === 0) continue
      for (const id of concerned) watcher.changed.add(id)
      watcher.moment = moment
      watcher.wake()
    }
  }

  async function bucketsOf(what: Followed, subjects: readonly string[]): Promise<(id: string) => string | undefined> {
    const asked = [...watchers[what]].some((watcher) => watcher.bucketId !== undefined)
    if (what !== 'replica' || !asked) return (id) => id
    const buckets = await bucketOfReplicas(pool, subjects)
    return (id) => buckets.get(id)
  }

  async function* present(what: Followed, bucketId: string | undefined): AsyncGenerator<string[]> {
    if (what === 'any')
      yield [everything] // what was read before this began may be otherwise, and nobody will tell
    else if (what === 'proxy') yield (await listProxies(pool)).map((proxy) => proxy.id)
    else if (what === 'replica') yield* pages((after) => replicaIdsAfter(pool, bucketId, after, page))
    else if (bucketId !== undefined) yield [bucketId]
    else yield* pages((after) => bucketIdsAfter(pool, after, page))
  }

  async function* watch(what: Followed, bucketId: string | undefined, signal: AbortSignal) {
    const watcher: Watcher = { bucketId, changed: new Set(), moment: {}, wake: () => undefined, anew: true }
    const ended = AbortSignal.any([signal, stopping.signal])
    ended.addEventListener('abort', () => watcher.wake(), { once: true })
    watchers[what].add(watcher) // before the present state is read, so that no change falls between
    try {
      while (!ended.aborted) {
        if (watcher.anew) {
          watcher.anew = false
          for await (const ids of present(what, bucketId))
            for (const subjects of chunks(ids)) if (!ended.aborted) yield { subjects, moment: {} }
          continue
        }
        const subjects = [...watcher.changed.values().take(batchSize)]
        if (subjects.length === 0) await new Promise<void>((resolve) => Object.assign(watcher, { wake: resolve }))
        for (const id of subjects) watcher.changed.delete(id)
        if (subjects.length > 0) yield { subjects, moment: watcher.moment }
      }
    } finally {
      watchers[what].delete(watcher)
    }
  }

  const off = wakeups.on('event', () => ticks.read.add(''))
  const poll = setInterval(() => ticks.read.add(''), pollMs)
  return {
    watch,
    onTokenRevoked(listener, held = () => []) {
      tokenListeners.set(listener, held)
      return () => void tokenListeners.delete(listener)
    },
    async beginAnew() {
      cursor = await presentCursor(pool)
      for (const [listener, held] of tokenListeners) for (const id of await withoutToken(pool, held())) listener(id)
      for (const watcher of Object.values(watchers).flatMap((all) => [...all])) {
        watcher.anew = true
        watcher.wake()
      }
    },
    async stop() {
      stopping.abort()
      off()
      clearInterval(poll)
      clearTimeout(again)
      await Promise.all(Object.values(ticks).map((throttle) => throttle.stop()))
    },
  }
}

async function* pages(load: (after: string) => Promise<string[]>): AsyncGenerator<string[]> {
  for (let after = first; ; ) {
    const ids = await load(after)
    const last = ids.at(-1)
    if (last === undefined) return
    yield ids
    after = last
  }
}

function* chunks(ids: readonly string[]): Generator<string[]> {
  for (let i = 0; i < ids.length; i += batchSize) yield ids.slice(i, i + batchSize)
}
