// The functions of the demo's platform. Those that work on data read it from their own cluster's store only.
import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import { bucketNameProblem } from '../domain/bucket-name.ts'
import type { StorageDriver } from '../storage/storage-driver.ts'
import { StorageError } from '../storage/storage-error.ts'

export type FunctionStore = Pick<StorageDriver, 'head' | 'open'>

export type Invocation = {
  readonly name: string
  readonly bucket: string | null
  readonly query: URLSearchParams
  readonly signal: AbortSignal
}
export type Result = { readonly status: number; readonly body: Readonly<Record<string, unknown>> }

type Work = (store: FunctionStore, bucket: string, key: string, signal: AbortSignal) => Promise<Result>

const notThere = (key: string): Result => ({ status: 404, body: { error: `no object ${key} in this cluster's store` } })
const bad = (error: string): Result => ({ status: 400, body: { error } })

const head: Work = async (store, bucket, key, signal) => {
  const found = await store.head(bucket, key, { signal })
  return found === null ? notThere(key) : { status: 200, body: { key, size: found.size, etag: found.etag } }
}

const sha256: Work = async (store, bucket, key, signal) => {
  const { head: found, body } = await store.open(bucket, key, { signal })
  const hash = createHash('sha256')
  await pipeline(body, hash, { signal })
  return { status: 200, body: { key, size: found.size, sha256: hash.digest('hex') } }
}

const dataFunctions: Readonly<Record<string, Work>> = { head, sha256 }
const missing: ReadonlySet<StorageError['kind']> = new Set(['no-such-key', 'no-such-bucket', 'bad-key'])

/** What the function adds to its answer; a name without a function of its own just tells how it was called. */
export async function runFunction(store: FunctionStore, { name, bucket, query, signal }: Invocation): Promise<Result> {
  const work = Object.hasOwn(dataFunctions, name) ? dataFunctions[name] : undefined
  if (work === undefined) return { status: 200, body: {} }
  const key = query.get('key')
  if (!key) return bad(`function ${name} needs ?key=KEY`)
  if (!bucket) return bad(`function ${name} needs a bucket, in the header X-FaDO-Bucket`)
  if (bucketNameProblem(bucket) !== undefined) return notThere(key)
  try {
    return await work(store, bucket, key, signal)
  } catch (error) {
    if (error instanceof StorageError && missing.has(error.kind)) return notThere(key)
    // A function's own failure: the store of its cluster is away, or says no.
    return { status: 502, body: { error: error instanceof StorageError ? error.message : 'the function failed' } }
  }
}
