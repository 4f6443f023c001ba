import { type BucketRecord, startDeletion } from '../../db/catalogue/buckets.ts'
import { replicasOfBuckets } from '../../db/catalogue/replicas.ts'
import type { CatalogueTx } from '../../db/core/client.ts'
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

/** Who says that the data stays at the master does not mean a master that has it no more. */
async function requireMasterKeepsIt(tx: CatalogueTx, { id, name, masterStop }: BucketRecord): Promise<void> {
  if (masterStop === null) return
  const replicas = await replicasOfBuckets(tx, [id])
  if (!replicas.some(({ observed, released }) => observed !== 'absent' && !released)) return
  throw new FadoError(
    'UNSAFE',
    `The master of ${name} is not to be trusted now, so its replicas may hold the only whole copies, and they would go: bring the master back or rebuild it first. To give up all of it, delete it with its data`,
    { path: ['deleteData'] },
  )
}

/**
 * The route goes first, then the replicas; readable until nothing is left. Deleting again in the same way answers the same: its
 * id.
 */
export async function deleteBucket(deps: ServiceDeps, actor: Actor, input: DeleteBucket): Promise<string> {
  return change(deps, actor, 'bucketDelete', async (tx) => {
    const bucket = await bucketToChange(tx, actor, input.bucket)
    if (bucket.state !== 'deleting') {
      if (!input.deleteData) await requireMasterKeepsIt(tx, bucket)
      requireVersion(input.expectedVersion, bucket.version, `The bucket ${bucket.name}`)
      await startDeletion(tx, bucket.id, input.deleteData)
      await markBuckets(tx, { kind: 'ids', ids: [bucket.id] }, { intent: true, narrowing: true })
      tx.changed('bucket', [bucket.id])
    } else if (bucket.deleteData !== input.deleteData) throw underWay(bucket)
    return { result: bucket.id, subject: bucket.name, detail: { deleteData: input.deleteData } }
  })
}
