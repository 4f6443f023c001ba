// The stores as the mover meets them: every call tells whether the store answers, and every failure from which store it
// came. A store that fails as a whole is `broken` until a call gets an answer again; it is tried by one at a time.
import type { Link } from '../../domain/links/link.ts'
import type { Speed } from '../../domain/replica/choose-source.ts'
import { type CallFailure, problemOfReads, type StoreProblem, type Trouble } from '../../domain/trouble/trouble.ts'
import type { StorageDriver } from '../../storage/storage-driver.ts'
import { StorageError, type StorageErrorKind } from '../../storage/storage-error.ts'
import { smallBytes } from '../settings.ts'
import type { Bandwidth } from './bandwidth.ts'
import { type Blame, createBlame, type StoreCall } from './blame.ts'
import { createFastest, type Fastest } from './fastest-answer.ts'
import { type Told, type WatchedCall, watchCalls } from './watched-driver.ts'

export type Store = { readonly id: string; readonly name: string; readonly driver: StorageDriver }
type StoreTrouble = Extract<Trouble, { kind: 'store' }>
export type StorageFor = (storageId: string) => Promise<{ readonly driver: StorageDriver; readonly name: string }>

/** How a call went; milliseconds of this process's clock. `isSmall`: its time tells how busy the store is, not how large an object. */
export type Answered = {
  readonly storageId: string
  readonly method: string
  readonly beganAt: number
  readonly ms: number
  readonly isSmall: boolean
  /** Null: it went well. */
  readonly error: StorageErrorKind | null
}

export type Stores = {
  get(storageId: string): Promise<Store>
  /** The same stores; what is asked through them is told here, too. */
  heardBy(hear: (answer: Answered) => void): Stores
  /** From which store a failure came; null when it came from none. */
  originOf(error: unknown): string | null
  /** Resolves to whether a whole store is at fault, which is shown by itself. */
  isOutage(error: unknown): Promise<boolean>
  /** What the store suffers from which a failure came; null: it came from none, or that one is well again. */
  troubleOf(error: unknown): Trouble | null
  /** The failure as it is stored; for people its store and what was refused. */
  failureOf(error: Error): CallFailure
  /** What a store of this link suffers that holds it up, or did within so many seconds; null: nothing. */
  troubleSince(link: Link, seconds: number): StoreTrouble | null
  broken(): ReadonlyMap<string, { readonly tryNow: boolean }>
  /** One key or task tries these broken stores now. */
  tried(storageIds: readonly string[]): void
  /** Asks the broken stores that no work tries, so that none stays broken for want of it. */
  askUntried(): void
  /** Milliseconds of its fastest answer lately; null: it was not asked. */
  fastest(storageId: string): number | null
  speed(storageId: string): Speed
  /** For how long it has been broken; 0: it is not. */
  awayMs(storageId: string): number
}

const answerSpanMs = 5_000
/** Bytes are measured rarely, and a link does not change that fast. */
const bodySpanMs = 30_000

/** Calls about one object that take a store about as long each time, as long as what they send is small. */
const evenCalls: ReadonlySet<string> = new Set(['head', 'read', 'open', 'put', 'delete'])

type Watched = {
  readonly store: Store
  readonly driver: StorageDriver
  readonly heardBy: (hear: Hear) => Store
  readonly blame: Blame
  readonly answers: Fastest
  /** Milliseconds a byte. */
  readonly bodies: Fastest
}

/** What is known of one store. Times are milliseconds of this process's clock. */
type Known = {
  /** With its settings as they are now. */
  watched: Watched
  /** While it is broken: when it is tried next. */
  nextTry: number
  /** What it suffers, or suffered last; null: it was always well. */
  suffered: Suffered | null
}
/** `until` null: still. */
type Suffered = { readonly trouble: StoreTrouble; readonly since: number; readonly until: number | null }
type Hear = (answer: Answered) => void
type Failed = { readonly storageId: string; readonly name: string; readonly outage: Promise<boolean> }

export function createStores(deps: {
  readonly storageFor: StorageFor
  readonly bandwidth: Bandwidth
  /** How often a broken store is tried, in milliseconds. */
  readonly retryMs: number
  /** That no write ends for so long is the store's trouble, in milliseconds. */
  readonly noWritesMs: number
  readonly onProblem: (store: { readonly id: string; readonly name: string }, problem: StoreProblem | null) => void
}): Stores {
  const known = new Map<string, Known>()
  const failures = new WeakMap<object, Failed>()
  /** Failures of stores that became the `cause` of another store's: e.g. a source's, when a copy to a target ends by it. */
  const causes = new WeakSet<object>()

  function suffer(one: Known, problem: StoreProblem | null): void {
    const now = performance.now()
    const { id, name } = one.watched.store
    const before = standing(one)
    if (problem !== null) {
      const trouble: StoreTrouble = { kind: 'store', store: name, problem }
      one.suffered = { trouble, since: before?.since ?? now, until: null }
      one.nextTry = now + deps.retryMs
    } else if (before !== null) one.suffered = { ...before, until: now }
    deps.onProblem({ id, name }, problem)
  }
  function watch(id: string, name: string, driver: StorageDriver): Watched {
    const blame = createBlame({
      driver,
      noWritesMs: deps.noWritesMs,
      onChange(problem) {
        const one = known.get(id)
        // Calls in hand may go on with settings that were replaced: how they go tells nothing of the store as it is now.
        if (one?.watched.blame === blame) suffer(one, problem)
      },
    })
    const failed = (error: unknown, outage: (error: StorageError) => Promise<boolean>): void => {
      if (!(error instanceof StorageError) || failures.has(error)) return
      failures.set(error, { storageId: id, name, outage: outage(error) })
    }
    const answers = createFastest(answerSpanMs)
    const bodies = createFastest(bodySpanMs)
    const toldTo =
      (hear: Hear): Told =>
      async <T>(call: WatchedCall, result: Promise<T>): Promise<T> => {
        const { method, bytes = 0 } = call
        const beganAt = performance.now()
        const isSmall = bytes <= smallBytes && evenCalls.has(method)
        try {
          const answer = await result
          const ms = performance.now() - beganAt
          answers.took(ms)
          blame.succeeded(call)
          hear({ storageId: id, method, beganAt, ms, isSmall, error: null })
          return answer
        } catch (error) {
          failed(error, (failure) => {
            if (failure.cause instanceof Error) causes.add(failure.cause)
            return blame.failed(call, failure)
          })
          if (error instanceof StorageError) {
            const storageId = failures.get(error)?.storageId ?? id
            hear({ storageId, method, beganAt, ms: performance.now() - beganAt, isSmall, error: error.kind })
          }
          throw error
        }
      }
    /** A body is also ended by a reader that fails, with the reader's own failure: that store is told of first. */
    const bodyFailed = (call: StoreCall, error: unknown): void =>
      failed(error, async (failure) => {
        await new Promise(setImmediate)
        return failure.cause instanceof Error && causes.has(failure.cause) ? false : blame.failed(call, failure)
      })
    const meter = () => deps.bandwidth.of(id)
    const heardBy = (hear: Hear): Store => ({
      ...{ id, name },
      driver: watchCalls(driver, { told: toldTo(hear), bodyFailed, bodies, meter }),
    })
    return { store: heardBy(() => undefined), driver, heardBy, blame, answers, bodies }
  }
  async function watchedOf(id: string): Promise<Watched> {
    const { driver, name } = await deps.storageFor(id)
    const one = known.get(id)
    if (one?.watched.driver === driver && one.watched.store.name === name) return one.watched
    const fresh = watch(id, name, driver)
    if (one === undefined) known.set(id, { watched: fresh, nextTry: 0, suffered: null })
    else {
      one.watched = fresh
      if (standing(one) !== null) suffer(one, null) // new settings: tried anew
    }
    return fresh
  }

  const stores: Stores = {
    get: async (id) => (await watchedOf(id)).store,
    heardBy(hear) {
      const heard = new WeakMap<Watched, Store>()
      return {
        ...stores,
        async get(id) {
          const found = await watchedOf(id)
          const store = heard.get(found) ?? found.heardBy(hear)
          heard.set(found, store)
          return store
        },
      }
    },
    originOf: (error) => failureIn(failures, error)?.storageId ?? null,
    isOutage: async (error) => (await failureIn(failures, error)?.outage) ?? false,
    troubleOf(error) {
      const failed = failureIn(failures, error)
      return failed === undefined ? null : (standing(known.get(failed.storageId))?.trouble ?? null)
    },
    failureOf(error) {
      const store = failures.get(error)?.name ?? null
      if (error instanceof StorageError) return { store, error: error.kind, detail: error.message }
      return { store: null, error: 'unexpected', detail: 'an unexpected failure, see the log of the mover' }
    },
    troubleSince({ fromStorageId, toStorageId }, seconds) {
      const since = performance.now() - seconds * 1000
      const lately = (id: string): StoreTrouble | null => {
        const suffered = known.get(id)?.suffered
        return suffered && (suffered.until === null || suffered.until >= since) ? suffered.trouble : null
      }
      const read = lately(fromStorageId)
      return read !== null && problemOfReads(read.problem) !== null ? read : lately(toStorageId)
    },
    broken() {
      const now = performance.now()
      const all = [...known].filter(([, one]) => brokenAs(one) !== null)
      return new Map(all.map(([id, { nextTry }]) => [id, { tryNow: now >= nextTry }]))
    },
    tried(ids) {
      for (const one of ids.flatMap((id) => known.get(id) ?? [])) one.nextTry = performance.now() + deps.retryMs
    },
    askUntried() {
      const now = performance.now()
      for (const one of known.values()) {
        if (standing(one) === null || now < one.nextTry + deps.retryMs) continue
        one.nextTry = now + deps.retryMs
        void one.watched.blame.ask()
      }
    },
    fastest: (id) => known.get(id)?.watched.answers.ms() ?? null,
    speed(id) {
      const msPerByte = known.get(id)?.watched.bodies.ms() ?? null
      return {
        answerMs: known.get(id)?.watched.answers.ms() ?? null,
        bytesPerSecond: msPerByte === null ? null : 1000 / msPerByte,
      }
    },
    awayMs(id) {
      const suffered = brokenAs(known.get(id))
      return suffered === null ? 0 : performance.now() - suffered.since
    },
  }
  return stores
}

/** What it suffers now. */
const standing = (one: Known | undefined): Suffered | null => (one?.suffered?.until === null ? one.suffered : null)

/** The same of one that is broken. Who takes no writes is not: it is read as ever, and each write tries it. */
function brokenAs(one: Known | undefined): Suffered | null {
  const suffered = standing(one)
  return suffered !== null && problemOfReads(suffered.trouble.problem) !== null ? suffered : null
}

const failureIn = (failures: WeakMap<object, Failed>, error: unknown): Failed | undefined =>
  typeof error === 'object' && error !== null ? failures.get(error) : undefined
