// The stores as the mover meets them: every call tells whether the store answers, and every failure from which store it
// came. A store that fails as a whole is `broken` until a call gets an answer again; it is tried by one at a time.
import type { Readable } from 'node:stream'
import type { Speed } from '../../domain/replica/choose-source.ts'
import type { CallFailure, StoreProblem, Trouble } from '../../domain/trouble/trouble.ts'
import type { StorageDriver } from '../../storage/storage-driver.ts'
import { StorageError } from '../../storage/storage-error.ts'
import type { Bandwidth, Meter } from './bandwidth.ts'
import { type Blame, type Call, createBlame } from './blame.ts'
import { createFastest, type Fastest } from './fastest-answer.ts'

export type Store = { readonly id: string; readonly name: string; readonly driver: StorageDriver }
export type StorageFor = (storageId: string) => Promise<{ readonly driver: StorageDriver; readonly name: string }>

export type Stores = {
  get(storageId: string): Promise<Store>
  /** From which store a failure came; null when it came from none. */
  originOf(error: unknown): string | null
  /** Resolves to whether a whole store is at fault, which is shown by itself. */
  isOutage(error: unknown): Promise<boolean>
  /** What the store suffers from which a failure came; null: it came from none, or that one is well again. */
  troubleOf(error: unknown): Trouble | null
  /** The failure as it is stored; for people its store and what was refused. */
  failureOf(error: Error): CallFailure
  /** What one of these stores suffers, or did within so many seconds; null: nothing. */
  troubleSince(storageIds: readonly string[], seconds: number): Extract<Trouble, { kind: 'store' }> | null
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
/** Of smaller bodies the way there and back takes most of the time. */
const measuredBytes = 65_536

type Watched = {
  readonly store: Store
  readonly driver: StorageDriver
  readonly blame: Blame
  readonly answers: Fastest
  /** Milliseconds a byte. */
  readonly bodies: Fastest
}
type Failed = { readonly storageId: string; readonly name: string; readonly outage: Promise<boolean> }

export function createStores(deps: {
  readonly storageFor: StorageFor
  readonly bandwidth: Bandwidth
  /** How often a broken store is tried, in milliseconds. */
  readonly retryMs: number
  readonly onProblem: (store: { readonly id: string; readonly name: string }, problem: StoreProblem | null) => void
}): Stores {
  const watched = new Map<string, Watched>()
  const nextTry = new Map<string, number>()
  /** Of each store the last problem, and until when (by this process's clock) it suffered it; null: still. */
  const suffered = new Map<string, { readonly name: string; problem: StoreProblem; until: number | null }>()
  const awaySince = new Map<string, number>()
  const failures = new WeakMap<object, Failed>()
  /** Failures of stores that became the `cause` of another store's: e.g. a source's, when a copy to a target ends by it. */
  const causes = new WeakSet<object>()

  function watch(id: string, name: string, driver: StorageDriver): Watched {
    const blame = createBlame({
      driver,
      onChange(problem) {
        if (problem !== null) nextTry.set(id, performance.now() + deps.retryMs)
        const last = suffered.get(id)
        if (problem !== null) suffered.set(id, { name, problem, until: null })
        else if (last !== undefined) last.until = performance.now()
        if (problem === null) awaySince.delete(id)
        else if (!awaySince.has(id)) awaySince.set(id, performance.now())
        deps.onProblem({ id, name }, problem)
      },
    })
    const failed = (error: unknown, outage: (error: StorageError) => Promise<boolean>): void => {
      if (!(error instanceof StorageError) || failures.has(error)) return
      failures.set(error, { storageId: id, name, outage: outage(error) })
    }
    const answers = createFastest(answerSpanMs)
    const bodies = createFastest(bodySpanMs)
    const told = async <T>(call: Call, result: Promise<T>): Promise<T> => {
      const askedAt = performance.now()
      try {
        const answer = await result
        answers.took(performance.now() - askedAt)
        blame.succeeded(call)
        return answer
      } catch (error) {
        failed(error, (failure) => {
          if (failure.cause instanceof Error) causes.add(failure.cause)
          return blame.failed(call, failure)
        })
        throw error
      }
    }
    /** A body is also ended by a reader that fails, with the reader's own failure: that store is told of first. */
    const bodyFailed = (call: Call, error: unknown): void =>
      failed(error, async (failure) => {
        await new Promise(setImmediate)
        return failure.cause instanceof Error && causes.has(failure.cause) ? false : blame.failed(call, failure)
      })
    const watchedDriver = watchCalls(driver, { told, bodyFailed, bodies, meter: () => deps.bandwidth.of(id) })
    return { store: { id, name, driver: watchedDriver }, driver, blame, answers, bodies }
  }

  return {
    async get(id) {
      const { driver, name } = await deps.storageFor(id)
      const known = watched.get(id)
      if (known?.driver === driver && known.store.name === name) return known.store
      const fresh = watch(id, name, driver)
      watched.set(id, fresh)
      awaySince.delete(id)
      if (known !== undefined && known.blame.problem !== null) deps.onProblem({ id, name }, null) // new settings: tried anew
      return fresh.store
    },
    originOf: (error) => failureIn(failures, error)?.storageId ?? null,
    isOutage: async (error) => (await failureIn(failures, error)?.outage) ?? false,
    troubleOf(error) {
      const failed = failureIn(failures, error)
      const problem = failed === undefined ? null : (watched.get(failed.storageId)?.blame.problem ?? null)
      return failed === undefined || problem === null ? null : { kind: 'store', store: failed.name, problem }
    },
    failureOf(error) {
      const store = failures.get(error)?.name ?? null
      if (error instanceof StorageError) return { store, error: error.kind, detail: error.message }
      return { store: null, error: 'unexpected', detail: 'an unexpected failure, see the log of the mover' }
    },
    troubleSince(ids, seconds) {
      const since = performance.now() - seconds * 1000
      const found = ids.flatMap((id) => suffered.get(id) ?? []).find(({ until }) => until === null || until >= since)
      return found === undefined ? null : { kind: 'store', store: found.name, problem: found.problem }
    },
    broken() {
      const now = performance.now()
      const all = [...watched].filter(([, { blame }]) => blame.problem !== null)
      return new Map(all.map(([id]) => [id, { tryNow: now >= (nextTry.get(id) ?? 0) }]))
    },
    tried(ids) {
      for (const id of ids) nextTry.set(id, performance.now() + deps.retryMs)
    },
    askUntried() {
      const now = performance.now()
      for (const [id, { blame }] of watched) {
        if (blame.problem === null || now < (nextTry.get(id) ?? 0) + deps.retryMs) continue
        nextTry.set(id, now + deps.retryMs)
        void blame.ask()
      }
    },
    fastest: (id) => watched.get(id)?.answers.ms() ?? null,
    speed(id) {
      const msPerByte = watched.get(id)?.bodies.ms() ?? null
      return {
        answerMs: watched.get(id)?.answers.ms() ?? null,
        bytesPerSecond: msPerByte === null ? null : 1000 / msPerByte,
      }
    },
    awayMs(id) {
      const since = awaySince.get(id)
      return since === undefined ? 0 : performance.now() - since
    },
  }
}

const failureIn = (failures: WeakMap<object, Failed>, error: unknown): Failed | undefined =>
  typeof error === 'object' && error !== null ? failures.get(error) : undefined

type Told = <T>(call: Call, result: Promise<T>) => Promise<T>

type Watch = {
  readonly told: Told
  readonly bodyFailed: (call: Call, error: unknown) => void
  /** What the store's bytes are limited by; null: nothing. */
  readonly meter: () => Meter | null
  readonly bodies: Fastest
}

/** Notes how long a body took from its request on, whatever its reader does with it. */
function measured(body: Readable, length: number, askedAt: number, bodies: Fastest): void {
  if (length >= measuredBytes) body.once('end', () => bodies.took((performance.now() - askedAt) / length))
}

/** The same driver, every call of which tells how it went, and whose bytes keep to the limit of its cluster. */
function watchCalls(driver: StorageDriver, { told, bodyFailed, meter, bodies }: Watch): StorageDriver {
  /** Calls whose first argument is the bucket. */
  const inBucket =
    <A extends [string, ...unknown[]], T>(method: string, call: (...args: A) => Promise<T>) =>
    (...args: A): Promise<T> =>
      told({ method, bucket: args[0] }, call(...args))
  async function* pages<T>(call: Call, all: AsyncIterable<T>): AsyncGenerator<T> {
    const iterator = all[Symbol.asyncIterator]()
    try {
      for (;;) {
        const { done, value } = await told(call, iterator.next())
        if (done === true) return
        yield value
      }
    } finally {
      await iterator.return?.()
    }
  }
  async function limited(body: Readable | Uint8Array, signal: AbortSignal | undefined): Promise<Readable | Uint8Array> {
    const limit = meter()
    if (limit === null) return body
    if (!(body instanceof Uint8Array)) return limit.through(body)
    await limit.take(body.length, signal)
    return body
  }
  return {
    ...driver,
    list: (bucket, options) => pages({ method: 'list', bucket }, driver.list(bucket, options)),
    listVersions: (bucket, options) => pages({ method: 'listVersions', bucket }, driver.listVersions(bucket, options)),
    open: async (bucket, key, options) => {
      const call = { method: 'open', bucket }
      const askedAt = performance.now()
      const opened = await told(call, driver.open(bucket, key, options))
      measured(opened.body, opened.length, askedAt, bodies)
      opened.body.once('error', (error) => bodyFailed(call, error))
      const limit = meter()
      return limit === null ? opened : { ...opened, body: limit.through(opened.body) }
    },
    read: async (bucket, key, options) => {
      const askedAt = performance.now()
      const read = await told({ method: 'read', bucket }, driver.read(bucket, key, options))
      const length = read.bytes?.length ?? 0
      if (length >= measuredBytes) bodies.took((performance.now() - askedAt) / length)
      if (read.bytes !== null) await meter()?.take(read.bytes.length, options.signal)
      return read
    },
    listBuckets: (...args) => told({ method: 'listBuckets', bucket: null }, driver.listBuckets(...args)),
    headBucket: inBucket('headBucket', driver.headBucket),
    createBucket: inBucket('createBucket', driver.createBucket),
    deleteBucket: inBucket('deleteBucket', driver.deleteBucket),
    bucketCreatedAt: inBucket('bucketCreatedAt', driver.bucketCreatedAt),
    head: inBucket('head', driver.head),
    put: async (bucket, key, options) => {
      const body = await limited(options.body, options.signal)
      return told({ method: 'put', bucket }, driver.put(bucket, key, { ...options, body }))
    },
    delete: inBucket('delete', driver.delete),
    getTags: inBucket('getTags', driver.getTags),
    putTags: inBucket('putTags', driver.putTags),
    amend: inBucket('amend', driver.amend),
    versioning: inBucket('versioning', driver.versioning),
    deleteVersion: inBucket('deleteVersion', driver.deleteVersion),
    parts: inBucket('parts', driver.parts),
    createUpload: inBucket('createUpload', driver.createUpload),
    uploadPart: async (bucket, key, options) => {
      const body = await limited(options.body, options.signal)
      return told({ method: 'uploadPart', bucket }, driver.uploadPart(bucket, key, { ...options, body }))
    },
    completeUpload: inBucket('completeUpload', driver.completeUpload),
    abortUpload: inBucket('abortUpload', driver.abortUpload),
    subscribe: inBucket('subscribe', driver.subscribe),
    unsubscribe: inBucket('unsubscribe', driver.unsubscribe),
  }
}
