// Whose fault a failed call is. A fault belongs to the smallest thing that explains it: to the whole store only when another,
// cheap call of the same bucket fails too, or when the same call fails for several of its buckets; else to the bucket or the
// object that was asked about. A write that does not end in time while the cheap call passes is the store's when no write has
// ended for a while.
import { type StoreProblem, storeFailures } from '../../domain/trouble/trouble.ts'
import type { StorageDriver } from '../../storage/storage-driver.ts'
import { StorageError } from '../../storage/storage-error.ts'

/** One call as blame sees it, e.g. `put` in the bucket `photos`. `bucket` null: it is about no bucket. */
export type StoreCall = { readonly method: string; readonly bucket: string | null }

export type Blame = {
  succeeded(call: StoreCall): void
  /** Resolves to whether the whole store is at fault. Never rejects. */
  failed(call: StoreCall, error: StorageError): Promise<boolean>
  /** Makes the cheap call, for want of work that would show that the store answers again. Never rejects. */
  ask(): Promise<void>
}

/** So many buckets make a store. */
const severalBuckets = 3
const checkMs = 3_000
/** For so long nobody tried a write: whether one would end now is not known. */
const untriedMs = 60_000

/** Calls that change an object. */
const writes: ReadonlySet<string> = new Set(
  'put createUpload uploadPart completeUpload amend putTags delete deleteVersion'.split(' '),
)

/** What one bucket or key of a store may be refused for; several such are no outage as long as the cheap call passes. */
const ownReasons: ReadonlySet<StoreProblem> = new Set(['signature', 'clock-skew'])

const problemOf = (error: StorageError): StoreProblem | null =>
  storeFailures.find((problem) => problem === error.kind) ?? null

export function createBlame(deps: {
  readonly driver: Pick<StorageDriver, 'headBucket'>
  /** That no write ended in time for so long is the store's trouble, in milliseconds. */
  readonly noWritesMs: number
  /** The problem as it is from now on; null: none. Called when it comes and goes, and when it is another. */
  readonly onChange: (problem: StoreProblem | null) => void
}): Blame {
  const { driver, noWritesMs, onChange } = deps
  /** Buckets in which a method failed since it last succeeded anywhere. */
  const failing = new Map<string, Set<string>>()
  /** When a write first and last did not end in time, since one did; milliseconds of this process's clock. */
  let hanging: { readonly since: number; readonly last: number } | null = null
  let problem: StoreProblem | null = null
  /** The method whose failures in several buckets are the problem; null: not even the cheap call passes. */
  let method: string | null = null
  let lastBucket: string | null = null
  let checking: Promise<boolean> | null = null

  function set(next: StoreProblem | null, by: string | null): void {
    method = by
    if (next === problem) return
    problem = next
    onChange(next)
  }
  /** Whether the store answers the cheapest call that work makes. */
  async function answers(bucket: string): Promise<boolean> {
    try {
      await driver.headBucket(bucket, { signal: AbortSignal.timeout(checkMs) })
      return true
    } catch (error) {
      return error instanceof StorageError && error.kind !== 'aborted' && problemOf(error) === null
    }
  }
  function check(bucket: string): Promise<boolean> {
    checking ??= answers(bucket).finally(() => {
      checking = null
    })
    return checking
  }

  function succeeded(call: StoreCall): void {
    if (call.bucket !== null) lastBucket = call.bucket
    failing.delete(call.method)
    const isWrite = writes.has(call.method)
    if (isWrite) hanging = null
    if (problem === 'no-writes' ? isWrite : method === null || method === call.method) set(null, null)
  }

  function forgetUntried(): void {
    if (hanging === null || performance.now() - hanging.last <= untriedMs) return
    hanging = null
    if (problem === 'no-writes') set(null, null)
  }
  /** Whether none has ended for so long that it is the store's fault. */
  function noWriteEnds(): boolean {
    forgetUntried()
    const now = performance.now()
    hanging = { since: hanging?.since ?? now, last: now }
    if (now - hanging.since < noWritesMs) return false
    set('no-writes', null)
    return true
  }

  return {
    succeeded,
    async failed(call, error) {
      const kind = problemOf(error)
      if (kind === null) {
        if (error.kind !== 'aborted') succeeded(call) // a refusal is an answer
        return false
      }
      if (problem !== null && problem !== 'no-writes') return true
      const bucket = call.bucket ?? lastBucket
      lastBucket = bucket
      if (bucket === null || !(await check(bucket))) {
        set(kind, null)
        return true
      }
      if (kind === 'timeout' && writes.has(call.method)) return noWriteEnds()
      if (call.bucket === null || ownReasons.has(kind)) return false
      const buckets = (failing.get(call.method) ?? new Set()).add(call.bucket)
      failing.set(call.method, buckets)
      if (buckets.size < severalBuckets) return false
      set(kind, call.method)
      return true
    },
    async ask() {
      if (problem === 'no-writes') return forgetUntried()
      const bucket = lastBucket
      if (bucket !== null && (await check(bucket))) succeeded({ method: 'headBucket', bucket })
    },
  }
}
