// What a store can do, found out by doing it in a bucket of our own.
import { randomBytes } from 'node:crypto'
import { storeCapabilities } from '../domain/fleet/store-capability.ts'
import { type PlainDriver, tryCapability } from './probe-capabilities.ts'
import type { Capability, CapabilityVerdict, ProbeOptions, StoreTrial } from './storage-driver.ts'
import { StorageError } from './storage-error.ts'

/** Refusals to make a bucket after which the store may still be used: for copies in buckets that users made there. */
const limitedKinds: ReadonlySet<string> = new Set(['access-denied', 'refused', 'unsupported', 'quota', 'conflict'])

/** A store that hangs must not hold its registration for long. */
const removalMs = 10_000

/** `StorageDriver.probe`. */
export async function probeStore(driver: PlainDriver, options: ProbeOptions = {}): Promise<Omit<StoreTrial, 'region'>> {
  const call = options.signal === undefined ? {} : { signal: options.signal }
  const askedAt = Date.now()
  // A HEAD tells the clock, but not why it was refused: a listing does.
  const { serverDate } = await driver.ping(call)
  // The Date header leaves out the milliseconds: half a second more is right on average.
  const clockSkewMs = serverDate === null ? null : Math.round(serverDate + 500 - (askedAt + Date.now()) / 2)
  // FaDO must be able to tell a missing bucket from a forbidden one, and a replaced one from the one it knows.
  await driver.listBuckets(call)

  const bucket = `fado-probe-${randomBytes(8).toString('hex')}`
  const written = new Set<string>()
  try {
    const refusal = await driver.createBucket(bucket, call).then(() => null, rethrowUnlessLimited)
    if (refusal !== null) {
      const reason = `no bucket could be made to try it: ${refusal.message}`
      return { clockSkewMs, capabilities: allUnknown(reason), leftBehind: null }
    }
    await options.onBucket?.(bucket)
    const capabilities = await tryAll(noting(driver, written), bucket, options.signal)
    return { clockSkewMs, capabilities, leftBehind: (await removeBucket(driver, bucket, written)) ? null : bucket }
  } catch (error) {
    // Also after a call to make it that was cut: the store may have made it.
    await removeBucket(driver, bucket, written)
    throw error
  }
}

/** Notes what is written: a store may list it under another name, or in a way that cannot be read. */
const noting = (driver: PlainDriver, written: Set<string>): PlainDriver => ({
  ...driver,
  put(bucket, key, options) {
    written.add(key)
    return driver.put(bucket, key, options)
  },
  completeUpload(bucket, key, options) {
    written.add(key)
    return driver.completeUpload(bucket, key, options)
  },
})

async function tryAll(driver: PlainDriver, bucket: string, signal?: AbortSignal): Promise<StoreTrial['capabilities']> {
  const verdicts = allUnknown('')
  for (const capability of storeCapabilities)
    verdicts[capability] = await tryCapability(capability, { driver, bucket, signal })
  return verdicts
}

function allUnknown(reason: string): Record<Capability, CapabilityVerdict> {
  const verdicts = storeCapabilities.map((capability) => [capability, { state: 'unknown', reason }])
  return Object.fromEntries(verdicts) as Record<Capability, CapabilityVerdict>
}

function rethrowUnlessLimited(error: unknown): StorageError {
  if (error instanceof StorageError && limitedKinds.has(error.kind)) return error
  throw error
}

/** Also when the probe was cancelled: what we made must go. Everything in the bucket is ours. */
async function removeBucket(driver: PlainDriver, bucket: string, written: ReadonlySet<string>): Promise<boolean> {
  const limit = { signal: AbortSignal.timeout(removalMs) }
  try {
    for (const key of written) await driver.delete(bucket, key, limit)
    for await (const page of driver.list(bucket, limit)) {
      for (const { key } of page) await driver.delete(bucket, key, limit)
    }
    await driver.deleteBucket(bucket, limit)
    return true
  } catch (error) {
    return error instanceof StorageError && error.kind === 'no-such-bucket'
  }
}
