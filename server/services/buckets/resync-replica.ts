import { replicaOn } from '../../db/catalogue/replicas.ts'
import { storageByName } from '../../db/catalogue/storage-deployments.ts'
import { holdTasks } from '../../db/queue/ask.ts'
import { retryNow } from '../../db/queue/dirty-objects.ts'
import { orderResync, sweepAfterCommit } from '../../db/queue/sweeps.ts'
import { FadoError } from '../../domain/errors.ts'
import { taskFor } from '../../domain/replica/replica-state.ts'
import type { Actor } from '../shared/authorize.ts'
import { change, notFound } from '../shared/change.ts'
import { invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { activeBucketToChange } from '../shared/find.ts'

export type ResyncReplica = {
  readonly bucket: string
  readonly storageDeployment: string
  /** Releases the delete brake for this run. */
  readonly allowDeletes: boolean
  /** OVERWRITE replaces objects in the way by the master's. */
  readonly onConflict: 'KEEP' | 'OVERWRITE'
}

/** The whole replica is looked at again now. Returns its id. */
export async function resyncReplica(deps: ServiceDeps, actor: Actor, input: ResyncReplica): Promise<string> {
  const path = ['storageDeployment']
  return change(deps, actor, 'replicaResync', async (tx) => {
    const bucket = await activeBucketToChange(tx, actor, input.bucket)
    const storage = await storageByName(tx, input.storageDeployment)
    if (storage === undefined) throw notFound('storage deployment', input.storageDeployment, path)
    const named = `${bucket.name} on ${storage.name}`
    if (storage.id === bucket.masterStorageId) throw invalid(`${named} is the master: only a replica is resynced`, path)
    const replica = await replicaOn(tx, bucket.id, storage.id)
    if (replica === undefined) throw new FadoError('NOT_FOUND', `There is no replica of ${named}`, { path })
    const kind = taskFor(replica.wanted, replica.observed, false)
    if (kind === null || replica.released)
      throw new FadoError('CONFLICT', `The replica of ${named} is being withdrawn`, { path })
    const { allowDeletes, onConflict } = input
    await holdTasks(tx, [bucket.id])
    await orderResync(tx, replica, kind, { allowDeletes, overwrite: onConflict === 'OVERWRITE' })
    await retryNow(tx, replica)
    // Nothing is written to the copy before the master was looked at whole, where its bucket was missed.
    await sweepAfterCommit(tx, bucket.id, bucket.masterStorageId)
    tx.changed('replica', [replica.id])
    const detail = { storageDeployment: storage.name, allowDeletes, onConflict }
    return { result: replica.id, subject: bucket.name, detail }
  })
}
