// Looks that go on where they were cut off. Deletes are judged by looks at the whole only (I10): no checkpoint is written once a look
// found any, and one that went on and finds some has to begin anew.
import type { BucketFacts } from '../../db/copies/copies.ts'
import { saveCheckpoint } from '../../db/queue/running-tasks.ts'
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
  /** The same keys, in their order; now and then it notes how far they are. */
  steps<T extends Keyed>(keys: AsyncIterable<T>, soFar: SoFar<Sums>): AsyncIterable<T>
}

type Keyed = { readonly key: string }

/** What a look found of the keys that it has taken. */
type SoFar<Sums> = {
  /** All may be noted: nothing is to be deleted, or doubted. */
  isClean(): boolean
  /** Marks what is not marked yet; may find more. */
  settle(): Promise<void>
  sums(): Sums
}

/** For the history. */
export const noteOf = ({ before }: LookWalk<unknown>): RunCause | null => (before === null ? null : { kind: 'went_on' })

/** One that begins with the first key whenever it is done, and notes nothing. */
export const wholeLook = <Sums>(startedAt: number): LookWalk<Sums> => ({
  ...{ before: null, from: {}, startedAt, steps: (keys) => keys },
})

/** Of `ReplicaSums` and `Found`: whoever changes one of them raises it. */
const shape = 1

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
  const lookAt = async (): Promise<LookAt> => ({ kind, mark: claim.mark, shape, buckets: await buckets() })
  const present = { now: claim.beganAt, lastLook, stopped: bucket.masterStop !== null }
  const checkpoint = claim.checkpoint === null ? null : usable(claim.checkpoint, await lookAt(), present)
  const look = { startedAt: checkpoint?.startedAt ?? startedAt }
  let savedAt = performance.now()
  // Stores refuse to list behind a name that they cannot be asked for.
  const isDue = (key: string) => performance.now() - savedAt >= times.checkpoint && isAskable(key)
  async function save(key: string, sums: Sums): Promise<void> {
    await saveCheckpoint(pool, claim, { ...(await lookAt()), ...look, after: key, sums })
    savedAt = performance.now()
  }
  return {
    ...look,
    before: checkpoint === null ? null : (checkpoint.sums as Sums),
    from: checkpoint === null ? {} : { startAfter: checkpoint.after },
    async *steps(keys, { isClean, settle, sums }) {
      let last = ''
      for await (const one of keys) {
        if (isClean() && isDue(last)) {
          await settle()
          if (isClean()) await save(last, sums())
        }
        yield one
        last = one.key
      }
    },
  }
}
