import type { BucketFacts } from '../../db/copies/copies.ts'
import { StorageError } from '../../storage/storage-error.ts'
import type { Store } from '../stores/stores.ts'
import type { TaskDeps } from './task-work.ts'

/**
 * `keep`: a subscription that is there is left as it is. False: the store does not offer its events (any more), so it is swept as
 * one without.
 */
export async function subscribeMaster(
  deps: Pick<TaskDeps, 'log'>,
  bucket: BucketFacts,
  master: Store,
  { keep, signal }: { readonly keep: boolean; readonly signal: AbortSignal },
): Promise<boolean> {
  try {
    await master.driver.subscribe(bucket.masterBucket, { keep, signal })
    return true
  } catch (error) {
    if (!(error instanceof StorageError) || error.kind !== 'unsupported') throw error
    deps.log.warn({ store: master.name, bucket: bucket.name }, 'the store no longer offers events')
    return false
  }
}
