// The buckets of a store that FaDO does not look after, with what a replica of each would not have.
import { bucketMasters } from '../../db/catalogue/bucket-list.ts'
import { sealedStorageById } from '../../db/catalogue/storage-deployments.ts'
import { usedBuckets } from '../../db/catalogue/takeovers.ts'
import { etagWarnings } from '../../domain/adoption/etag-warnings.ts'
import { unknownSettings, warningsOf } from '../../domain/adoption/warnings.ts'
import { bucketNameProblem, isProbeBucket } from '../../domain/bucket-name.ts'
import type { Reason } from '../../domain/reason.ts'
import { limitConcurrency } from '../../limit-concurrency.ts'
import { compareKeys } from '../../storage/compare-keys.ts'
import type { StorageDriver } from '../../storage/storage-driver.ts'
import { StorageError } from '../../storage/storage-error.ts'
import type { BucketInfo } from '../../storage/storage-values.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { type Page, type PageInput, readPage } from '../shared/paging.ts'
import { accessOf, storeRefusal } from './probe-store.ts'

/** What the first page of its listing shows; `whole`: there is no more. */
export type BucketSample = { readonly objects: number; readonly bytes: number; readonly whole: boolean }

export type UnmanagedBucket = {
  readonly name: string
  readonly createdAt: Date
  readonly warnings: readonly Reason[]
  /** Null: it could not be listed. */
  readonly sample: BucketSample | null
}

/** For all buckets of a page together; what is not known by then is unknown. */
const lookMs = 10_000
const listMs = 4_000
/** Each is asked eight questions. */
const bucketsAtOnce = 6
/** As many as a page of a listing has: a shorter page is all there is. */
const pageKeys = 1_000

/** Of the first page of its listing. */
type Seen = { readonly sample: BucketSample | null; readonly warnings: readonly Reason[] }
const seenNothing: Seen = { sample: null, warnings: [] }

async function firstPage(driver: StorageDriver, bucket: string, signal: AbortSignal): Promise<Seen> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(listMs)])
    for await (const page of driver.list(bucket, { signal: limit })) {
      const whole = page.length < pageKeys
      const bytes = page.reduce((sum, { size }) => sum + size, 0)
      return { sample: { objects: page.length, bytes, whole }, warnings: etagWarnings(page, whole) }
    }
    return { sample: { objects: 0, bytes: 0, whole: true }, warnings: [] }
  } catch (error) {
    if (error instanceof StorageError) return seenNothing
    throw error
  }
}

const settingsOf = (driver: StorageDriver, bucket: string, signal: AbortSignal) =>
  driver.settings(bucket, { signal }).catch((error: unknown) => {
    if (signal.aborted || error instanceof StorageError) return unknownSettings
    throw error
  })

/** Why it could not be adopted under its name. `taken`: the store of the master of FaDO's bucket of that name. */
function nameWarnings(name: string, taken: string | undefined): Reason[] {
  const problem = bucketNameProblem(name)
  if (problem !== undefined)
    return [{ code: 'NAME_UNUSABLE', message: `It cannot be adopted: a bucket's name ${problem}` }]
  if (taken === undefined) return []
  return [
    { code: 'NAME_TAKEN', message: `FaDO has a bucket ${name} already, whose master is on ${taken}`, store: taken },
  ]
}

/** In the byte order of their names. Throws a FadoError when the store cannot be asked. */
export async function unmanagedBuckets(
  deps: ServiceDeps,
  storageId: string,
  page: PageInput,
): Promise<Page<UnmanagedBucket>> {
  const storage = await sealedStorageById(deps.pool, storageId)
  if (storage === undefined) return { items: [], hasNextPage: false }
  const driver = deps.connect(accessOf(deps, storage))
  try {
    const used = new Set((await usedBuckets(deps.pool, storageId)).map(({ bucketName }) => bucketName))
    const listed = await driver.listBuckets().catch((error: unknown) => {
      throw storeRefusal(error, storage.endpoint)
    })
    const others = listed
      .filter(({ name }) => !used.has(name) && !isProbeBucket(name))
      .toSorted((a, b) => compareKeys(a.name, b.name))
    const load = async (after: string | undefined, limit: number) =>
      others.filter(({ name }) => after === undefined || compareKeys(after, name) < 0).slice(0, limit)
    const found = await readPage(`unmanaged ${storageId}`, page, load, ({ name }) => name)
    const taken = await bucketMasters(
      deps.pool,
      found.items.map(({ item }) => item.name),
    )
    const signal = AbortSignal.timeout(lookMs)
    const turn = limitConcurrency(bucketsAtOnce)
    const look = async ({ name, createdAt }: BucketInfo): Promise<UnmanagedBucket> => {
      const [settings, seen] = await Promise.all([settingsOf(driver, name, signal), firstPage(driver, name, signal)])
      const warnings = [...nameWarnings(name, taken.get(name)), ...seen.warnings, ...warningsOf(settings)]
      return { name, createdAt: new Date(createdAt), warnings, sample: seen.sample }
    }
    const items = found.items.map(async ({ cursor, item }) => ({ cursor, item: await turn(() => look(item)) }))
    return { items: await Promise.all(items), hasNextPage: found.hasNextPage }
  } finally {
    await driver.close()
  }
}
