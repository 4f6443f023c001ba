// One small experiment per capability. Each works on keys of its own in the probe bucket.
import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { hasRecordedDate } from '../domain/same-bucket.ts'
import type { Capability, CapabilityVerdict, StorageDriver } from './storage-driver.ts'
import { StorageError } from './storage-error.ts'
import type { WriteCondition } from './storage-values.ts'

/** All but the probe itself, which is made of them. */
export type PlainDriver = Omit<StorageDriver, 'probe' | 'close'>

export type Experiment = {
  readonly driver: PlainDriver
  readonly bucket: string
  readonly signal: AbortSignal | undefined
}

/** Resolves to what is wrong, or to null when all is as it must be. */
type Trial = (experiment: Experiment) => Promise<string | null>

/** Errors that say no more than that the store does not do it; any other leaves it unknown. */
const refusals: ReadonlySet<string> = new Set([
  'unsupported',
  'refused',
  'access-denied',
  'protocol',
  'no-such-key',
  'no-such-bucket',
  'no-such-upload',
  'bad-layout',
])

export async function tryCapability(capability: Capability, experiment: Experiment): Promise<CapabilityVerdict> {
  try {
    const reason = await trials[capability](experiment)
    return reason === null ? { state: 'present' } : { state: 'missing', reason }
  } catch (error) {
    if (!(error instanceof StorageError) || error.kind === 'aborted') throw error
    return { state: refusals.has(error.kind) ? 'missing' : 'unknown', reason: error.message }
  }
}

const trialBytes = Buffer.from('fado probe')
const trialMd5 = createHash('md5').update(trialBytes).digest('hex')

/** Writers at once and keys tried: a store that checks first and writes later lets several win. */
const racersAtOnce = 8
const races = 4

const conditionalWrites: Trial = async (experiment) => {
  const key = 'conditional'
  const first = await write(experiment, key, { ifNoneMatch: '*' })
  if (first === null) return 'If-None-Match: * was refused on a key that did not exist'
  if ((await write(experiment, key, { ifNoneMatch: '*' })) !== null) return 'If-None-Match: * overwrote an object'
  if ((await write(experiment, key, { ifMatch: first })) === null) return 'If-Match was refused with the right ETag'
  if ((await write(experiment, key, { ifMatch: '0'.repeat(32) })) !== null) return 'If-Match was not heeded'
  for (let race = 0; race < races; race++) {
    const racers = Array.from({ length: racersAtOnce }, () => write(experiment, `race-${race}`, { ifNoneMatch: '*' }))
    const winners = (await Promise.all(racers)).filter((etag) => etag !== null)
    if (winners.length !== 1)
      return `${winners.length} of ${racersAtOnce} writers at once were told that they were first`
  }
  return null
}

async function write(experiment: Experiment, key: string, condition: WriteCondition): Promise<string | null> {
  const { driver, bucket } = experiment
  const options = { body: trialBytes, size: trialBytes.length, condition, ...signalOf(experiment) }
  return driver.put(bucket, key, options).then(
    ({ etag }) => etag,
    (error: unknown) => {
      if (error instanceof StorageError && error.kind === 'precondition-failed') return null
      throw error
    },
  )
}

const conditionalReads: Trial = async (experiment) => {
  const { driver, bucket } = experiment
  const etag = await write(experiment, 'read', { ifNoneMatch: '*' })
  const open = async (ifMatch: string) => (await driver.open(bucket, 'read', { ifMatch, ...signalOf(experiment) })).body
  ;(await open(etag ?? '')).destroy()
  const other = await open('0'.repeat(32)).catch((error: unknown) => {
    if (error instanceof StorageError && error.kind === 'precondition-failed') return null
    throw error
  })
  other?.destroy()
  return other === null ? null : 'If-Match of a read was not heeded'
}

const md5Etags: Trial = async (experiment) => {
  const { driver, bucket } = experiment
  const options = { body: trialBytes, size: trialBytes.length, ...signalOf(experiment) }
  const { etag, etagIsDigest } = await driver.put(bucket, 'md5', options)
  return etagIsDigest && etag === trialMd5 ? null : "an object's ETag is not its MD5"
}

/** Stores on file systems may go through one folder after the other, or sort as people do. */
const unsortedKeys = ['order/a0', 'order/B', 'order/a/x', 'order/a-x', 'order/é']

/** The driver's listing rejects what is out of order. */
const orderedListing: Trial = async (experiment) => {
  const { driver, bucket } = experiment
  for (const key of unsortedKeys)
    await driver.put(bucket, key, { body: trialBytes, size: trialBytes.length, ...signalOf(experiment) })
  const pages = await Array.fromAsync(driver.list(bucket, { prefix: 'order/', ...signalOf(experiment) }))
  return pages.flat().length === unsortedKeys.length ? null : 'not all objects are listed'
}

const oddKey = 'listed a\u0001b%41'

/** XML has no such character: it comes back only where the listing is percent-encoded, as it is asked to be. */
const listingEncoding: Trial = async (experiment) => {
  const { driver, bucket } = experiment
  await driver.put(bucket, oddKey, { body: trialBytes, size: trialBytes.length, ...signalOf(experiment) })
  const pages = await Array.fromAsync(driver.list(bucket, { prefix: 'listed', ...signalOf(experiment) }))
  return pages.flat()[0]?.key === oddKey ? null : 'a name with a control character is listed as another one'
}

const contentMd5: Trial = async (experiment) => {
  const { driver, bucket } = experiment
  const options = { body: trialBytes, size: trialBytes.length, md5: '0'.repeat(32), ...signalOf(experiment) }
  const refused = await driver.put(bucket, 'digest', options).then(
    () => false,
    (error: unknown) => {
      if (error instanceof StorageError && error.kind === 'bad-digest') return true
      throw error
    },
  )
  return refused ? null : 'bytes of another MD5 than the one announced were taken'
}

/** One part is enough: it may be of any size, and its ETag is already that of an object in parts. */
async function uploadInParts(experiment: Experiment, key: string): Promise<string> {
  const { driver, bucket } = experiment
  const call = signalOf(experiment)
  const uploadId = await driver.createUpload(bucket, key, call)
  const part = { uploadId, partNumber: 1, body: trialBytes, size: trialBytes.length, ...call }
  const { etag } = await driver.uploadPart(bucket, key, part)
  const complete = { uploadId, parts: [{ partNumber: 1, etag }], ...call }
  return (await driver.completeUpload(bucket, key, complete)).etag
}

const multipart: Trial = async (experiment) => {
  const etag = await uploadInParts(experiment, 'multipart')
  const md5 = createHash('md5').update(trialBytes).digest()
  const expected = `${createHash('md5').update(md5).digest('hex')}-1`
  return etag === expected ? null : 'the ETag of an object in parts is not the digest of its parts'
}

const partLayout: Trial = async (experiment) => {
  await uploadInParts(experiment, 'part-layout')
  const parts = await experiment.driver.parts(experiment.bucket, 'part-layout', signalOf(experiment))
  return parts?.length === 1 && parts[0] === trialBytes.length ? null : 'the parts of an object are not told'
}

const tags: Trial = async (experiment) => {
  const { driver, bucket } = experiment
  const call = signalOf(experiment)
  const tag = { key: 'probe', value: 'a b' }
  await driver.put(bucket, 'tags', { body: trialBytes, size: trialBytes.length, tags: [tag], ...call })
  if ((await driver.head(bucket, 'tags', call))?.tagCount !== 1) return 'the number of tags is not told'
  const [found] = await driver.getTags(bucket, 'tags', call)
  return found?.key === tag.key && found.value === tag.value ? null : 'tags are not kept'
}

/** Some stores tell whole seconds. Else far enough apart for the clock of a file system. */
const apartMs = (date: number) => (date % 1_000 === 0 ? 1_100 : 20)

/** A store that keeps buckets as folders may tell when one was last changed. */
const bucketDates: Trial = async (experiment) => {
  const { driver, bucket } = experiment
  const call = signalOf(experiment)
  const told = async () => (await driver.listBuckets(call)).find(({ name }) => name === bucket)?.createdAt
  const first = await told()
  if (first === undefined) return 'a bucket that was made is not listed'
  await delay(apartMs(first))
  await driver.put(bucket, 'dates', { body: trialBytes, size: trialBytes.length, ...call })
  const now = await told()
  if (now === undefined) return 'a bucket that was made is not listed any more'
  return hasRecordedDate(now, first) ? null : "a bucket's creation date changed when an object was written"
}

const webhookEvents: Trial = async (experiment) => {
  await experiment.driver.subscribe(experiment.bucket, signalOf(experiment))
  await experiment.driver.unsubscribe(experiment.bucket, signalOf(experiment))
  return null
}

const trials: Readonly<Record<Capability, Trial>> = {
  'ordered-listing': orderedListing,
  'conditional-writes': conditionalWrites,
  'conditional-reads': conditionalReads,
  'md5-etags': md5Etags,
  'content-md5': contentMd5,
  multipart,
  'part-layout': partLayout,
  tags,
  'listing-encoding': listingEncoding,
  'bucket-dates': bucketDates,
  'webhook-events': webhookEvents,
}

function signalOf({ signal }: Experiment): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}
