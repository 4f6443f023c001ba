// Work on one copy, begun: what the tests of the queue start from.
import { randomUUID } from 'node:crypto'
import { claimTasks } from '../../../../server/db/queue/claim-tasks.ts'
import { finishTask } from '../../../../server/db/queue/finish-task.ts'
import type { TaskEnd } from '../../../../server/domain/replica/task-end.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet } from '../../../support/world/fleet.ts'

export const owner = randomUUID()
/** Of a mover that is free. */
export const anyRoom = { free: new Map(), otherwise: 10, brokenMasters: [], served: null }

/** A sweep with orders, claimed by `owner`. */
export async function claimedSweep() {
  const pool = await freshPool()
  const world = fleet(pool)
  const [hpc, edge] = [await world.cluster('hpc'), await world.cluster('edge')]
  const replica = await (await hpc.store.bucket('photos')).replica(edge.store)
  await replica.task('sweep', { allowDeletes: 1, overwrite: 1, resubscribe: 1 })
  const claimAs = async (by: string) => {
    const [claimed] = await claimTasks(pool, { owner: by, seconds: 30 }, anyRoom)
    if (claimed === undefined) throw new Error('nothing to claim')
    return claimed
  }
  const claim = await claimAs(owner)
  const finish = (end: TaskEnd) => pool.transaction((sql) => finishTask(sql, owner, claim, end, null))
  const row = async () =>
    (
      await pool.query<object>(
        `SELECT allow_deletes > 0 AS "allowDeletes", overwrite > 0 AS overwrite, resubscribe > 0 AS resubscribe, attempts, not_before <= now() AS due FROM replica_task`,
      )
    ).rows[0]
  return { pool, claim, claimAs, finish, row }
}
export const done = { end: 'done', kind: 'sweep', seconds: 60, quietLooks: 0 } as const
