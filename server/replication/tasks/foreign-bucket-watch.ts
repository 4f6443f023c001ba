// A foreign bucket that stood in the way may be gone one day: then its place is free for a replica.
import { claimForeignBuckets, forgetForeignBucket } from '../../db/copies/foreign-buckets.ts'
import { startWorkLoop } from '../../work-loop.ts'
import type { TaskDeps } from './task-work.ts'

const atOnce = 50
const answerMs = 10_000

export function startForeignBucketWatch(deps: TaskDeps): { stop(): Promise<void> } {
  const { pool, stores, times, log } = deps
  const loop = startWorkLoop({
    idleMs: (times.sweepMinS * 1000) / 4,
    onError: (error) => log.warn({ err: error }, 'foreign buckets could not be looked at'),
    async step(signal) {
      const served = deps.served.now()
      const at = served === null || served.some(({ to }) => to === null) ? null : served.flatMap(({ to }) => to ?? [])
      for (const bucket of await claimForeignBuckets(pool, times.sweepMinS, atOnce, at)) {
        try {
          const { driver } = await stores.get(bucket.storageId)
          const limited = AbortSignal.any([signal, AbortSignal.timeout(answerMs)])
          if ((await driver.headBucket(bucket.bucketName, { signal: limited })) !== null) continue
          await pool.transaction((tx) => forgetForeignBucket(tx, bucket))
        } catch (error) {
          // A store that does not answer says nothing about its buckets.
          log.debug({ err: error }, 'a foreign bucket could not be looked at')
        }
      }
      return undefined
    },
  })
  return loop
}
