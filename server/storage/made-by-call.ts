import type { StorageDriver } from './storage-driver.ts'

/** Stores tell their time in whole seconds. */
const clockSlackMs = 2_000

/**
 * Whether the bucket that is there is what a call made whose answer was lost: only if it is empty and, by the store's own
 * clock, not older than the call. All times are milliseconds.
 */
export async function isMadeByCall(
  driver: StorageDriver,
  bucket: string,
  seen: {
    /** By the store's clock. */
    readonly createdAt: number
    /** The store's clock at about `now`; null where it tells none: then it is taken to be right. */
    readonly serverDate: number | null
    readonly now: number
    /** When the call was sent, by the clock of `now`. */
    readonly sentAt: number
    readonly signal?: AbortSignal
  },
): Promise<boolean> {
  const ahead = seen.serverDate === null ? 0 : seen.serverDate - seen.now
  if (seen.createdAt - ahead < seen.sentAt - clockSlackMs) return false
  const options = seen.signal === undefined ? {} : { signal: seen.signal }
  for await (const page of driver.list(bucket, options)) if (page.length > 0) return false
  return true
}
