// An order to overwrite is about what is known to be in the way when it is followed. So it is followed once: what comes in the way
// while a run fails and is tried again was not meant (I9). What the journal says of it stays until the key is done.
import { orderOverwrite } from '../../db/copies/journal-edits.ts'
import { takeOverwrite } from '../../db/queue/running-tasks.ts'
import type { TaskDeps, TaskRun } from './task-work.ts'

export const overwriteConflicts = (
  { pool }: Pick<TaskDeps, 'pool'>,
  { claim }: Pick<TaskRun, 'claim'>,
  replicaId: string,
): Promise<void> =>
  pool.transaction(async (tx) => {
    if (await takeOverwrite(tx, claim)) await orderOverwrite(tx, replicaId)
  })
