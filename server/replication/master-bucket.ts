// Whether the master's bucket is there. When it is not, nothing of it may be taken for deleted, and everything stops.
import type { BucketFacts } from '../db/copies.ts'
import { masterMissing, setMasterCause } from '../db/master-observations.ts'
import type { KeyDeps } from './key-work.ts'
import type { Store } from './stores.ts'

/** True: the bucket answered after this call, so a 404 from before it means deleted. */
export function confirmMaster(
  deps: Pick<KeyDeps, 'pool' | 'wakeups' | 'masterThere'>,
  bucket: BucketFacts,
  master: Store,
): Promise<boolean> {
  return deps.masterThere(bucket.id, async () => {
    if ((await master.driver.headBucket(bucket.masterBucket)) !== null) return true
    const cause = masterMissing(master.name, bucket.masterBucket)
    await writeMasterCause(deps, bucket.id, cause)
    return false
  })
}

async function writeMasterCause(
  { pool, wakeups }: Pick<KeyDeps, 'pool' | 'wakeups'>,
  bucketId: string,
  cause: string | null,
): Promise<void> {
  if (!(await pool.transaction((sql) => setMasterCause(sql, bucketId, cause)))) return
  wakeups.wake('bucket')
  wakeups.wake('event')
}
