// A store's driver, every call of which tells how it went, and whose bytes keep to the limit of its cluster.
import type { Readable } from 'node:stream'
import type { StorageDriver } from '../../storage/storage-driver.ts'
import type { Meter } from './bandwidth.ts'
import type { StoreCall } from './blame.ts'
import type { Fastest } from './fastest-answer.ts'

/** Of smaller bodies the way there and back takes most of the time. */
const measuredBytes = 65_536

/** `bytes`: that it sends. */
export type WatchedCall = StoreCall & { readonly bytes?: number }

export type Told = <T>(call: WatchedCall, result: Promise<T>) => Promise<T>

type Watch = {
  readonly told: Told
  readonly bodyFailed: (call: StoreCall, error: unknown) => void
  /** What the store's bytes are limited by; null: nothing. */
  readonly meter: () => Meter | null
  readonly bodies: Fastest
}

/** Notes how long a body took from its request on, whatever its reader does with it. */
function measured(body: Readable, length: number, askedAt: number, bodies: Fastest): void {
  if (length >= measuredBytes) body.once('end', () => bodies.took((performance.now() - askedAt) / length))
}

export function watchCalls(driver: StorageDriver, { told, bodyFailed, meter, bodies }: Watch): StorageDriver {
  /** Calls whose first argument is the bucket. */
  const inBucket =
    <A extends [string, ...unknown[]], T>(method: string, call: (...args: A) => Promise<T>) =>
    (...args: A): Promise<T> =>
      told({ method, bucket: args[0] }, call(...args))
  async function* pages<T>(call: StoreCall, all: AsyncIterable<T>): AsyncGenerator<T> {
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
      return told({ method: 'put', bucket, bytes: options.size }, driver.put(bucket, key, { ...options, body }))
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
