// Fleets of three stores, for tests of whose bytes a copy gets: hpc has the master, edge and cloud copies.
import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import type { minios } from './minios.ts'
import type { MoverFleet } from './mover-fleet.ts'

/** Nothing but the copying itself finds what is wrong. */
export const noSweeps = { sweepMinS: 3_600, untold: 60_000 }

/** `near`: edge and cloud share a zone that the master is not in. */
export async function startLending(stores: ReturnType<typeof minios>, bucket: string, near: boolean) {
  const fleet = await stores.fleet()
  if (near) await fleet.pool.query(`UPDATE cluster SET zones = '{site}' WHERE name IN ('edge', 'cloud')`)
  return { fleet, bucket, id: await fleet.bucket(bucket, 'hpc') }
}
export type Lending = Awaited<ReturnType<typeof startLending>>

/** Copies on both, as far as there is anything. */
export async function both({ fleet, id }: Lending): Promise<void> {
  await fleet.replica(id, 'edge')
  await fleet.replica(id, 'cloud')
  await fleet.settled(id, 'edge')
  await fleet.settled(id, 'cloud')
}

/** From which stores the bytes of each key on this copy came; 'master' for the master's. */
export async function sources({ fleet, id }: Lending, at: string): Promise<Record<string, string>> {
  const { rows } = await fleet.pool.query<{ key: string; from: string }>(
    `SELECT j.key, COALESCE(s.name, 'master') AS from FROM replica_object j JOIN replica r ON r.id = j.replica_id
     LEFT JOIN storage_deployment s ON s.id = j.from_storage_id WHERE r.bucket_id = $1 AND r.storage_id = $2 ORDER BY 1`,
    [id, fleet.storeId(at)],
  )
  return Object.fromEntries(rows.map(({ key, from }) => [key, from]))
}

export const shown = ({ fleet, id }: Lending, at: string) =>
  fleet.one<{ from: string; why: string }>(
    `SELECT s.name AS from, r.source_why AS why FROM replica r LEFT JOIN storage_deployment s ON s.id = r.source_storage_id
     WHERE r.bucket_id = $1 AND r.storage_id = $2`,
    [id, fleet.storeId(at)],
  )

export async function same({ fleet, id, bucket }: Lending): Promise<void> {
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
  expect(await fleet.differences(id, bucket, 'hpc', 'cloud')).toEqual([])
}

export async function putInParts(fleet: MoverFleet, bucket: string, key: string): Promise<void> {
  const store = fleet.store('hpc')
  const metadata = { 'content-type': 'video/mp4', 'x-amz-meta-by': 'camera' }
  const uploadId = await store.createUpload(bucket, key, { metadata, tags: [{ key: 'keep', value: 'yes' }] })
  const parts = []
  for (const [i, size] of [5 * 2 ** 20, 1_000].entries()) {
    const partNumber = i + 1
    const { etag } = await store.uploadPart(bucket, key, { uploadId, partNumber, body: randomBytes(size), size })
    parts.push({ partNumber, etag })
  }
  await store.completeUpload(bucket, key, { uploadId, parts })
}

/** One of each way of copying. */
export async function putSome(fleet: MoverFleet, bucket: string): Promise<number> {
  await putInParts(fleet, bucket, 'parts')
  await fleet.put('hpc', bucket, 'large', randomBytes(2_000_000), { 'content-type': 'image/png' })
  for (let i = 0; i < 20; i++)
    await fleet.put('hpc', bucket, `small${i}`, randomBytes(20_000), { 'x-amz-meta-n': `${i}` })
  return 5 * 2 ** 20 + 1_000 + 2_000_000 + 20 * 20_000
}

/** Edge has what the master had, and nothing finds what became of it. */
export async function lent(started: Lending): Promise<void> {
  const { fleet, id } = started
  const first = fleet.startMover({ times: noSweeps })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await first.stop()
}
