// A first sync whose master does not answer: what another whole copy holds of what the master had last is copied meanwhile
// (`keys/copy-while-away.ts`). The copy is complete only once it was compared with the master, as ever.
import { setTimeout as sleep } from 'node:timers/promises'
import type { BucketFacts } from '../../db/copies/copies.ts'
import { lookNow } from '../../db/queue/dirty-objects.ts'
import { markHeld } from '../../db/queue/held-objects.ts'
import type { TaskEnd } from '../../domain/replica/task-end.ts'
import { StorageError } from '../../storage/storage-error.ts'
import type { Store } from '../stores/stores.ts'
import { againIn, type TaskDeps, type TaskRun } from './task-work.ts'

/** Until the store answers; it is asked as often as any that does not, however many wait for it. */
async function untilBack(
  { stores, times }: TaskDeps,
  bucket: BucketFacts,
  master: Store,
  signal: AbortSignal,
): Promise<void> {
  for (let state = stores.broken().get(master.id); state !== undefined; state = stores.broken().get(master.id)) {
    if (state.tryNow) {
      stores.tried([master.id])
      await master.driver.headBucket(bucket.masterBucket, { signal }).catch((error: unknown) => {
        if (!(error instanceof StorageError)) throw error
      })
    }
    await sleep(times.storeRetry, undefined, { signal })
  }
}

export async function fillWhileAway(
  deps: TaskDeps,
  { claim, signal, leave }: TaskRun,
  bucket: BucketFacts,
  master: Store,
): Promise<TaskEnd> {
  const held = await markHeld(deps.pool, claim, signal)
  deps.log.info({ bucket: bucket.name, master: master.name, ...held }, 'a first sync begins without its master')
  leave()
  await untilBack(deps, bucket, master, signal)
  // What was in hand when it came back has been put off meanwhile.
  await lookNow(deps.pool, master, deps.times.lateWrite / 1000)
  return againIn(0)
}
