// Looks that go on where they were cut off. Deletes are judged by looks at the whole only (I10): no checkpoint is written once a look
// found any, and one that went on and finds some has to begin anew.
import type { BucketFacts } from '../../db/copies/copies.ts'
import { saveCheckpoint } from '../../db/queue/replica-tasks.ts'
import { type LookAt, type Present, usable } from '../../domain/replica/checkpoint.ts'
import type { RunCause } from '../../domain/replica/run.ts'
import { isAskable } from '../../storage/object-path.ts'
import type { ListOptions } from '../../storage/storage-values.ts'
import type { TaskDeps, TaskRun } from './task-work.ts'

/** Where a look begins, and how it notes how far it is. */
export type LookWalk<Sums> = {
  /** What was summed up before the run; null: it begins with the first key. */
  readonly before: Sums | null
  /** Where it begins. */
  readonly from: Pick<ListOptions, 'startAfter'>
  /** When its first run began, in milliseconds by PostgreSQL's clock. */
  readonly startedAt: number
  /** Whether it is time to note that all keys up to this one were compared. */
  isDue(key: string): boolean
  /** To be called when what was found up to this key is marked. */
  save(key: string, sums: Sums): Promise<void>
}

/** For the history. */
export const noteOf = ({ before }: LookWalk<unknown>): RunCause | null => (before === null ? null : { kind: 'went_on' })

/** One that begins with the first key whenever it is done, and notes nothing. */
export const wholeLook = <Sums>(startedAt: number): LookWalk<Sums> => ({
  ...{ before: null, from: {}, startedAt, isDue: () => false },
  save: async () => undefined,
})

type Beginning = Pick<LookAt, 'kind'> & {
  readonly bucket: Pick<BucketFacts, 'masterStop'>
  /** Asked for only where it is needed. */
  readonly buckets: () => Promise<LookAt['buckets']>
  readonly lastLook: Present['lastLook']
  /** When this run began to look. */
  readonly startedAt: number
}

/** `Sums`: of what `save` writes for looks of this kind. */
export async function beginLook<Sums>(
  { pool, times }: Pick<TaskDeps, 'pool' | 'times'>,
  { claim }: Pick<TaskRun, 'claim'>,
  { kind, bucket, buckets, lastLook, startedAt }: Beginning,
): Promise<LookWalk<Sums>> {
  const lookAt = async (): Promise<LookAt> => ({ kind, mark: claim.mark, buckets: await buckets() })
  const present = { now: claim.beganAt, lastLook, stopped: bucket.masterStop !== null }
  const checkpoint = claim.checkpoint === null ? null : usable(claim.checkpoint, await lookAt(), present)
  const look = { startedAt: checkpoint?.startedAt ?? startedAt }
  let savedAt = performance.now()
  return {
    ...look,
    before: checkpoint === null ? null : (checkpoint.sums as Sums),
    from: checkpoint === null ? {} : { startAfter: checkpoint.after },
    // Stores refuse to list behind a name that they cannot be asked for.
    isDue: (key) => performance.now() - savedAt >= times.checkpoint && isAskable(key),
    async save(key, sums) {
      await saveCheckpoint(pool, claim, { ...(await lookAt()), ...look, after: key, sums })
      savedAt = performance.now()
    },
  }
}
