// Copying stops and goes on by a user's order, for one bucket or for all that goes from one store to another. Routes, the
// ages of copies and what takes data away are not touched by it.
import { pauseBucket, pauseLink, replicasConcerned, resumeBucket, resumeLink } from '../../db/catalogue/pauses.ts'
import { type StorageRecord, storageByName } from '../../db/catalogue/storage-deployments.ts'
import type { CatalogueTx } from '../../db/core/client.ts'
import type { Tx } from '../../db/core/pool.ts'
import type { Link } from '../../domain/links/link.ts'
import type { Actor } from '../shared/authorize.ts'
import { type Change, change, notFound } from '../shared/change.ts'
import { invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { activeBucketToChange, storageToChange } from '../shared/find.ts'

export type LinkNames = { readonly from: string; readonly to: string }
export type ReplicationScope = {
  readonly bucket?: string | null | undefined
  readonly link?: LinkNames | null | undefined
}

async function storeOf(tx: Tx, actor: Actor, name: string, path: readonly string[]): Promise<StorageRecord> {
  const found = await storageByName(tx, name)
  if (found === undefined) throw notFound('storage deployment', name, path)
  return (await storageToChange(tx, actor, found.clusterId, name)).storage
}

/** `order` says what to write of a bucket and of a link, and resolves to whether that was news. */
async function inScope(
  tx: CatalogueTx,
  actor: Actor,
  { bucket: bucketName, link: names }: ReplicationScope,
  order: {
    readonly bucket: (id: string) => Promise<boolean>
    readonly link: (link: Link) => Promise<boolean>
  },
): Promise<Omit<Change<never>, 'result'>> {
  if (bucketName) {
    const bucket = await activeBucketToChange(tx, actor, bucketName)
    if (await order.bucket(bucket.id)) {
      tx.changed('bucket', [bucket.id])
      tx.changed('replica', await replicasConcerned(tx, { bucketId: bucket.id }))
      wakeMovers(tx)
    }
    return { subject: bucket.name }
  }
  if (!names) throw invalid('Name a bucket, or a link by its two storage deployments', [])
  if (names.from === names.to) throw invalid('A link leads from one storage deployment to another', ['link', 'to'])
  const from = await storeOf(tx, actor, names.from, ['link', 'from'])
  const to = await storeOf(tx, actor, names.to, ['link', 'to'])
  const link = { fromStorageId: from.id, toStorageId: to.id }
  if (await order.link(link)) {
    tx.changed('storage', [from.id, to.id])
    tx.changed('replica', await replicasConcerned(tx, link))
    wakeMovers(tx)
  }
  return { subject: `${from.name} -> ${to.name}`, detail: names }
}

/** They look again at what is under way (`bucket`: at writes, `task`: at tasks) and at what is due. */
function wakeMovers(tx: Tx): void {
  for (const topic of ['bucket', 'task', 'object'] as const) tx.wake(topic)
}

/** Within 2 s of the answer nothing of it is under way any more. What is paused already stays as it is. */
export const pauseReplication = (deps: ServiceDeps, actor: Actor, scope: ReplicationScope): Promise<void> =>
  change(deps, actor, 'replicationPause', async (tx) => ({
    ...(await inScope(tx, actor, scope, {
      bucket: (id) => pauseBucket(tx, id, actor.name),
      link: (link) => pauseLink(tx, link, actor.name),
    })),
    result: undefined,
  }))

export const resumeReplication = (deps: ServiceDeps, actor: Actor, scope: ReplicationScope): Promise<void> =>
  change(deps, actor, 'replicationResume', async (tx) => ({
    ...(await inScope(tx, actor, scope, {
      bucket: (id) => resumeBucket(tx, id),
      link: (link) => resumeLink(tx, link),
    })),
    result: undefined,
  }))
