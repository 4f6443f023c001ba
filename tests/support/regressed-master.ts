// A master that goes back to an earlier state, as tests of movers make it and look at it.

import { expect } from 'vitest'
import { writeMasterChoice } from '../../server/db/catalogue/buckets.ts'
import { sweepStore } from '../../server/db/queue/sweeps.ts'
import type { FoundRegress, MasterChoice, Rebuild } from '../../server/domain/replica/regress.ts'
import { forEachOf } from '../../server/replication/for-each-of.ts'
import type { StorageDriver } from '../../server/storage/storage-driver.ts'
import { eventually } from './eventually.ts'
import type { MoverFleet } from './mover-fleet.ts'

/** A bucket with replicas on edge and cloud that are in sync, and its master looked at whole. */
export async function inSync(
  fleet: MoverFleet,
  bucket: string,
  objects: number,
  at = ['edge', 'cloud'],
): Promise<string> {
  const id = await fleet.bucket(bucket, 'hpc')
  await forEachOf([...Array(objects).keys()], 8, (i) => fleet.put('hpc', bucket, keyOf(i), `first ${i}`))
  fleet.startMover()
  await fleet.task(id, 'hpc', 'master_sweep')
  for (const store of at) await fleet.replica(id, store)
  for (const store of at) await fleet.settled(id, store)
  return id
}
export const keyOf = (i: number) => `o${String(i).padStart(3, '0')}`

/**
 * What comes back is known by its age: everything is older than the last look at the whole master, by more than an answer's times
 * may be wrong (`went-back.ts`). Whatever is looked at before anybody noted that the store was away is known by it, too.
 */
export async function knownByAge(fleet: MoverFleet, id: string): Promise<void> {
  for (let seconds = 0; seconds < 4; seconds++) await fleet.nextSecond()
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.idle()
}

/** The health monitor has been told since when the store's process runs; it looks again only in a while. */
export const runsSince = (fleet: MoverFleet) =>
  fleet.pool.query(`UPDATE storage_deployment SET process_began_at = now() - interval '1 hour' WHERE name = 'hpc'`)

export async function putInParts(store: StorageDriver, bucket: string, key: string, body: Buffer): Promise<void> {
  const uploadId = await store.createUpload(bucket, key)
  const size = 5 * 1024 * 1024
  const parts = []
  for (let at = 0, partNumber = 1; at < body.length; at += size, partNumber++) {
    const part = body.subarray(at, at + size)
    const { etag } = await store.uploadPart(bucket, key, { uploadId, partNumber, body: part, size: part.length })
    parts.push({ partNumber, etag })
  }
  await store.completeUpload(bucket, key, { uploadId, parts })
}

/** As the health monitor does when a store is back. */
export async function isBack(fleet: MoverFleet): Promise<void> {
  const uptime = await fleet.store('hpc').uptime()
  await fleet.pool.query(
    `UPDATE storage_deployment SET process_began_at = now() - make_interval(secs => $1) WHERE name = 'hpc'`,
    [uptime],
  )
  await fleet.pool.transaction((tx) => sweepStore(tx, fleet.storeId('hpc'), 'not-known'))
}

/** A mover that looks before the monitor has noted it finds out by itself that the store began anew. */
export async function putBack(fleet: MoverFleet, backup: { putBack(): Promise<void> }): Promise<void> {
  await runsSince(fleet)
  await backup.putBack()
  await isBack(fleet)
}

/** All that a store shows of a bucket: what is written again is seen though it is the same. */
async function shown(fleet: MoverFleet, at: string, bucket: string): Promise<string[]> {
  const found: string[] = []
  for await (const page of fleet.store(at).list(bucket))
    found.push(...page.map(({ key, etag, lastModified }) => `${key} ${etag} ${lastModified}`))
  return found
}
export const bothShown = async (fleet: MoverFleet, bucket: string) => [
  await shown(fleet, 'edge', bucket),
  await shown(fleet, 'cloud', bucket),
]

export const stopOf = async (fleet: MoverFleet, id: string) => (await fleet.bucketRow(id)).masterStop
export const isStopped = (fleet: MoverFleet, id: string) =>
  eventually('the master is held', async () => (await stopOf(fleet, id)) === 'regressed')
const isReleased = (fleet: MoverFleet, id: string) =>
  eventually('the master is released', async () => (await stopOf(fleet, id)) === null)
export const found = async (fleet: MoverFleet, id: string) =>
  (await fleet.one<{ found: FoundRegress }>('SELECT master_regress AS found FROM bucket WHERE id = $1', [id])).found
export const rebuildOf = async (fleet: MoverFleet, id: string) =>
  (await fleet.one<{ rebuild: Rebuild | null }>('SELECT master_rebuild AS rebuild FROM bucket WHERE id = $1', [id]))
    .rebuild

/** What the service stores and the reconciler decides. */
export async function choose(
  fleet: MoverFleet,
  id: string,
  choice: MasterChoice,
  from: string | null = null,
): Promise<void> {
  await writeMasterChoice(fleet.pool, id, { choice, from: from === null ? null : fleet.storeId(from) })
  await fleet.task(id, 'hpc', choice === 'rebuild' ? 'master_rebuild' : 'master_sweep')
}

export async function isEqual(fleet: MoverFleet, id: string, bucket: string, at = ['edge', 'cloud']): Promise<void> {
  await isReleased(fleet, id)
  for (const store of at) await fleet.task(id, store, 'sweep', { allowDeletes: false })
  await eventually('nothing waits', async () => (await fleet.waiting(id)) === 0)
  await fleet.idle()
  for (const store of at) expect(await fleet.differences(id, bucket, 'hpc', store)).toEqual([])
}
