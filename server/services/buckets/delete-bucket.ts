import { type BucketRecord, startDeletion } from '../../db/catalogue/buckets.ts'
import { markBuckets } from '../../db/queue/dirty-buckets.ts'
import { FadoError } from '../../domain/errors.ts'
import type { Actor } from '../shared/authorize.ts'
import { change, requireVersion } from '../shared/change.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { bucketToChange } from '../shared/find.ts'

export type DeleteBucket = {
  readonly bucket: string
  /** The master's bucket goes too, with all in it. */
  readonly deleteData: boolean
  readonly expectedVersion?: number | null | undefined
}

const underWay = ({ name, deleteData }: BucketRecord): FadoError =>
  new FadoError(
    'CONFLICT',
    `The bucket ${name} is being deleted ${deleteData ? 'with its data' : 'and keeps its data at the master'} already`,
    { path: ['deleteData'] },
  )

/**
 * The route goes first, then the replicas; readable until nothing is left. Deleting again in the same way answers the same: its
 * id.
 */
export async function deleteBucket(deps: ServiceDeps, actor: Actor, input: DeleteBucket): Promise<string> {
  return change(deps, actor, 'bucketDelete', async (tx) => {
    const bucket = await bucketToChange(tx, actor, input.bucket)
    if (bucket.state !== 'deleting') {
      requireVersion(input.expectedVersion, bucket.version, `The bucket ${bucket.name}`)
      await startDeletion(tx, bucket.id, input.deleteData)
      await markBuckets(tx, { kind: 'ids', ids: [bucket.id] }, { intent: true, narrowing: true })
      tx.changed('bucket', [bucket.id])
    } else if (bucket.deleteData !== input.deleteData) throw underWay(bucket)
    return { result: bucket.id, subject: bucket.name, detail: { deleteData: input.deleteData } }
  })
}
