import { startDeletion } from '../db/buckets.ts'
import { markBuckets } from '../db/dirty-buckets.ts'
import { writeEvents } from '../db/events.ts'
import type { Actor } from './authorize.ts'
import { change, requireVersion } from './change.ts'
import type { ServiceDeps } from './deps.ts'
import { bucketToChange } from './find.ts'

export type DeleteBucket = {
  readonly bucket: string
  /** The master's bucket goes too, with all in it. */
  readonly deleteData: boolean
  readonly expectedVersion?: number | null | undefined
}

/** The route goes first, then the replicas; readable until nothing is left. Deleting again answers the same: its id. */
export async function deleteBucket(deps: ServiceDeps, actor: Actor, input: DeleteBucket): Promise<string> {
  return change(deps, actor, 'bucketDelete', async ({ tx, sql }) => {
    const bucket = await bucketToChange(sql, actor, input.bucket)
    if (bucket.state !== 'deleting') {
      requireVersion(input.expectedVersion, bucket.version, `The bucket ${bucket.name}`)
      await startDeletion(tx, bucket.id, input.deleteData)
      await markBuckets(sql, { kind: 'ids', ids: [bucket.id] }, { intent: true, narrowing: true })
      await writeEvents(sql, 'bucket', [bucket.id])
    }
    return { result: bucket.id, subject: bucket.name, detail: { deleteData: input.deleteData }, wake: ['bucket'] }
  })
}
