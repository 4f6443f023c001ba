import type { minios } from './minios.ts'

/** A bucket with its master on hpc that was copied to edge by a mover, which has ended. */
export async function copiedBucket(stores: ReturnType<typeof minios>, bucket: string) {
  const fleet = await stores.fleet()
  const id = await fleet.bucket(bucket, 'hpc')
  const first = fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await first.stop()
  return { fleet, id }
}
