// What a look at the master finds to be gone though no event told of it. A listing that suggests too many deletes lies more
// likely than the user wants them, so nothing is marked for a replica that its delete brake would hold (I10): that replica's
// own comparison counts them then, holds them and says so.
import type { BucketFacts } from '../../db/copies/copies.ts'
import { countOurs, countOursAmong } from '../../db/copies/journal.ts'
import type { MoverPolicies } from '../../db/copies/mover-policies.ts'
import { replicasOf } from '../../db/copies/replica.ts'
import { type FoundKey, markFound } from '../../db/queue/dirty-objects.ts'
import { sweepReplicaSoon } from '../../db/queue/sweeps.ts'
import { isBraked } from './brake.ts'
import type { TaskDeps } from './task-work.ts'

/** More are left to the replicas' comparisons, which need not keep them in memory. */
const mostKept = 10_000

export type MasterDeletes = {
  add(key: Omit<FoundKey, 'mayDelete'>): void
  /** Marks what may go, or has the replica compared. */
  settle(policies: Pick<MoverPolicies, 'deleteBrake'>): Promise<void>
}

export function collectMasterDeletes({ pool }: Pick<TaskDeps, 'pool'>, bucket: BucketFacts): MasterDeletes {
  const kept: FoundKey[] = []
  let count = 0
  return {
    add(key) {
      count++
      if (count <= mostKept) kept.push({ ...key, mayDelete: true })
    },
    async settle({ deleteBrake }) {
      if (count === 0) return
      const keys = kept.map(({ key }) => key)
      for (const { id, storageId } of await replicasOf(pool, bucket.id)) {
        const doomed = await countOursAmong(pool, id, keys)
        if (count > mostKept || isBraked(doomed, await countOurs(pool, id), deleteBrake))
          await sweepReplicaSoon(pool, bucket.id, storageId)
        else await markFound(pool, { bucketId: bucket.id, storageIds: [storageId], initial: false }, kept)
      }
    },
  }
}
