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
  while (!(await isListed(replica, bucket, key))) await delay(1)
  return performance.now() - begun
}

/** MinIO locks an object that is being written: who asks for it itself in that moment waits up to 50 ms, and so does its writer. */
async function isListed(store: StorageDriver, bucket: string, key: string): Promise<boolean> {
  for await (const page of store.list(bucket, { prefix: key })) if (page.some((one) => one.key === key)) return true
  return false
}
