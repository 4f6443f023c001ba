// When a whole copy is looked at the next time.
import type { MoverPolicies } from '../../db/copies/mover-policies.ts'
import type { Sql } from '../../db/core/pool.ts'
import type { ClaimedTask } from '../../db/queue/claim-tasks.ts'
import { sweepsOfBuckets } from '../../db/queue/sweep-facts.ts'
import { planSweep, type SweepPlan } from '../../domain/replica/plan-sweep.ts'
import type { TaskEnd } from '../../domain/replica/task-end.ts'
import type { TaskDeps } from './task-work.ts'

type Times = Pick<TaskDeps['times'], 'sweepMinS' | 'sweepMaxS'>

/** `quietLooks`: looks in a row that found nothing. Null: it is not looked at in turns yet. */
export async function sweepPlan(
  sql: Sql,
  { bucketId, storageId }: Pick<ClaimedTask, 'bucketId' | 'storageId'>,
  {
    policies,
    quietLooks,
    times,
  }: { readonly policies: MoverPolicies; readonly quietLooks: number; readonly times: Times },
): Promise<SweepPlan | null> {
  const stored = (await sweepsOfBuckets(sql, [bucketId])).find((one) => one.storageId === storageId)
  if (stored === undefined) return null
  const bounds = { first: times.sweepMinS, unproven: times.sweepMaxS }
  // The store may have refused a subscription just now.
  const setting = policies.events === 'none' ? 'none' : stored.setting
  return planSweep({ ...stored, setting, quietLooks }, policies.sweeps, bounds)
}

/** A look ended well. `found`: something that events should have told, or that must not be. */
export async function nextSweep(
  sql: Sql,
  claim: ClaimedTask,
  look: {
    readonly kind: 'sweep' | 'master_sweep'
    readonly found: boolean
    readonly policies: MoverPolicies
    readonly times: Times
  },
): Promise<TaskEnd> {
  const quietLooks = look.found ? 0 : claim.quietLooks + 1
  const plan = await sweepPlan(sql, claim, { ...look, quietLooks })
  return { end: 'done', kind: look.kind, seconds: plan?.seconds ?? look.times.sweepMinS, quietLooks }
}
