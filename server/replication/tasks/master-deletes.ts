// What a look at the master finds to be gone though no event told of it. A listing that suggests too many deletes lies more
// likely than the user wants them, so nothing is marked for a replica that its delete brake would hold (I10): that replica's
// own comparison counts them then, holds them and says so.
import type { BucketFacts } from '../../db/copies/copies.ts'
import { countOurs, countUntoldDeletes } from '../../db/copies/journal-counts.ts'
import type { MoverPolicies } from '../../db/copies/mover-policies.ts'
import { replicasOf } from '../../db/copies/replica.ts'
import { markFound } from '../../db/queue/dirty-objects.ts'
import { sweepSoon } from '../../db/queue/sweeps.ts'
import { isBraked } from './brake.ts'
import type { DoomedKeys } from './doomed-keys.ts'
import type { TaskDeps } from './task-work.ts'

/** More are left to the replicas' comparisons, which need not keep them in memory. */
export const mostMasterDeletes = 10_000

/** Marks what may go, or has the replica compared. `doomed` was collected with at most `mostMasterDeletes`. */
export async function settleMasterDeletes(
  { pool }: Pick<TaskDeps, 'pool'>,
  bucket: BucketFacts,
  doomed: DoomedKeys,
  { deleteBrake }: Pick<MoverPolicies, 'deleteBrake'>,
): Promise<void> {
  if (doomed.count() === 0) return
  const keys = doomed.kept().map(({ key }) => key)
  for (const { id, storageId, braked } of await replicasOf(pool, bucket.id)) {
    // Also those of which the record was made true one by one: in portions all would pass.
    const deletes = await countUntoldDeletes(pool, id, keys)
    const mustCount = braked > 0 || doomed.count() > mostMasterDeletes
    if (mustCount || isBraked(deletes, await countOurs(pool, id), deleteBrake))
      await sweepSoon(pool, bucket.id, storageId)
    else await markFound(pool, { bucketId: bucket.id, storageIds: [storageId], bulk: false }, doomed.kept())
  }
}
