import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { StorageDriver } from '../server/storage/storage-driver.ts'

export type Change = { readonly bucket: string; readonly key: string; readonly bytes: number }

/** Milliseconds from the start of the PUT of a new object at the master until the replica has it. */
export async function arrive(
  { master, replica }: { readonly master: StorageDriver; readonly replica: StorageDriver },
  { bucket, key, bytes }: Change,
): Promise<number> {
  const begun = performance.now()
  await master.put(bucket, key, { body: randomBytes(bytes), size: bytes })
  // Who looks without a pause takes one of two cores from those who work.
  while ((await replica.head(bucket, key)) === null) await delay(1)
  return performance.now() - begun
}
