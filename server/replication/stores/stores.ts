// The stores as the mover meets them: every call tells whether the store answers, and every failure from which store it
// came. A store that cannot be reached is `broken` until one call gets an answer again; it is tried by one at a time.
import type { ListedObject, ListOptions, StorageDriver } from '../../storage/storage-driver.ts'
import { StorageError, type StorageErrorKind } from '../../storage/storage-error.ts'
import { isStoreTrouble, storeTrouble } from '../report/causes.ts'

export type Store = { readonly id: string; readonly name: string; readonly driver: StorageDriver }
export type StorageFor = (storageId: string) => Promise<{ readonly driver: StorageDriver; readonly name: string }>

export type Stores = {
  get(storageId: string): Promise<Store>
  /** From which store a failure came; null when it came from none. */
  originOf(error: unknown): string | null
  broken(): ReadonlyMap<string, { readonly tryNow: boolean }>
  /** What a broken store fails at, as a sentence; null when it is well. */
  troubleOf(storageId: string): string | null
  /** One key or task tries these broken stores now. */
  tried(storageIds: readonly string[]): void
}

/** A single answer of this kind is no outage. */
const patience: Partial<Record<StorageErrorKind, number>> = { 'server-error': 3, 'slow-down': 3 }

type Health = { failures: number; broken: boolean; nextTry: number; trouble: string }

export function createStores(deps: {
  readonly storageFor: StorageFor
  /** How often a broken store is tried, in milliseconds. */
  readonly retryMs: number
  readonly onBroken: (store: { id: string; name: string }, trouble: string) => void
  readonly onWell: (store: { id: string; name: string }) => void
}): Stores {
  const health = new Map<string, Health>()
  const origins = new WeakMap<object, string>()
  /** What calls to stores failed of, before it was put into words. */
  const reasons = new WeakSet<object>()
  const wrapped = new WeakMap<StorageDriver, Store>()

  function healthOf(id: string): Health {
    const known = health.get(id) ?? { failures: 0, broken: false, nextTry: 0, trouble: '' }
    health.set(id, known)
    return known
  }
  function well(id: string, name: string): void {
    const state = healthOf(id)
    const wasBroken = state.broken
    Object.assign(state, { failures: 0, broken: false })
    if (wasBroken) deps.onWell({ id, name })
  }
  function failed(id: string, name: string, error: unknown): void {
    if (!(error instanceof StorageError) || origins.has(error)) return
    origins.set(error, id)
    if (error.cause instanceof Error) reasons.add(error.cause)
    blame(id, name, error)
  }
  /** Also ended by a reader that fails, with the reader's own failure: that store is told of first. */
  function bodyFailed(id: string, name: string, error: unknown): void {
    if (!(error instanceof StorageError) || origins.has(error)) return
    origins.set(error, id)
    setImmediate(() => {
      if (!(error.cause instanceof Error && reasons.has(error.cause))) blame(id, name, error)
    })
  }
  function blame(id: string, name: string, error: StorageError): void {
    if (error.kind === 'aborted') return
    if (!isStoreTrouble(error.kind)) {
      well(id, name) // a refusal is an answer
      return
    }
    const state = healthOf(id)
    state.failures++
    if (state.failures < (patience[error.kind] ?? 1)) return
    const wasBroken = state.broken
    const trouble = storeTrouble(name, error.kind)
    Object.assign(state, { broken: true, nextTry: performance.now() + deps.retryMs, trouble })
    if (!wasBroken) deps.onBroken({ id, name }, trouble)
  }

  function wrap(id: string, name: string, driver: StorageDriver): Store {
    const told = async <T>(call: Promise<T>): Promise<T> => {
      try {
        const result = await call
        well(id, name)
        return result
      } catch (error) {
        failed(id, name, error)
        throw error
      }
    }
    async function* list(bucket: string, options?: ListOptions): AsyncGenerator<readonly ListedObject[]> {
      try {
        yield* driver.list(bucket, options)
        well(id, name)
      } catch (error) {
        failed(id, name, error)
        throw error
      }
    }
    const watched: StorageDriver = {
      ...driver,
      list,
      open: async (bucket, key, options) => {
        const opened = await told(driver.open(bucket, key, options))
        opened.body.once('error', (error) => bodyFailed(id, name, error))
        return opened
      },
      listBuckets: (...args) => told(driver.listBuckets(...args)),
      headBucket: (...args) => told(driver.headBucket(...args)),
      createBucket: (...args) => told(driver.createBucket(...args)),
      deleteBucket: (...args) => told(driver.deleteBucket(...args)),
      bucketCreatedAt: (...args) => told(driver.bucketCreatedAt(...args)),
      head: (...args) => told(driver.head(...args)),
      put: (...args) => told(driver.put(...args)),
      delete: (...args) => told(driver.delete(...args)),
      getTags: (...args) => told(driver.getTags(...args)),
      parts: (...args) => told(driver.parts(...args)),
      createUpload: (...args) => told(driver.createUpload(...args)),
      uploadPart: (...args) => told(driver.uploadPart(...args)),
      completeUpload: (...args) => told(driver.completeUpload(...args)),
      abortUpload: (...args) => told(driver.abortUpload(...args)),
      subscribe: (...args) => told(driver.subscribe(...args)),
      unsubscribe: (...args) => told(driver.unsubscribe(...args)),
    }
    return { id, name, driver: watched }
  }

  return {
    async get(id) {
      const { driver, name } = await deps.storageFor(id)
      const known = wrapped.get(driver)
      if (known?.name === name) return known
      const store = wrap(id, name, driver)
      wrapped.set(driver, store)
      return store
    },
    originOf: (error) => (typeof error === 'object' && error !== null ? (origins.get(error) ?? null) : null),
    broken() {
      const now = performance.now()
      const states = [...health].filter(([, state]) => state.broken)
      return new Map(states.map(([id, state]) => [id, { tryNow: now >= state.nextTry }]))
    },
    troubleOf(id) {
      const state = health.get(id)
      return state?.broken ? state.trouble : null
    },
    tried(ids) {
      for (const id of ids) healthOf(id).nextTry = performance.now() + deps.retryMs
    },
  }
}
