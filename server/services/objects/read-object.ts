// What is asked about single objects: an address to get one by, and all that is known of it.
import { bucketByName } from '../../db/catalogue/buckets.ts'
import { type HolderRecord, holdersOf } from '../../db/catalogue/object-holders.ts'
import { listFolder } from '../../db/catalogue/object-page.ts'
import { storeAddresses } from '../../db/catalogue/storage-deployments.ts'
import { FadoError } from '../../domain/errors.ts'
import { attachmentOf } from '../../domain/object/content-disposition.ts'
import type { ObjectHead, Tag } from '../../storage/storage-values.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { type Page, type PageInput, readPage } from '../shared/paging.ts'
import type { HttpHeader } from './begin-upload.ts'
import { addressEnd, addressSeconds } from './lifetimes.ts'
import { type AskedObject, withHolder } from './open-holder.ts'

export type DownloadView = { readonly url: string; readonly expiresAt: Date; readonly storageId: string }

/** Anyone who has it may get the object until it expires; the store answers it as a file, never as a page. */
export async function downloadUrl(deps: ServiceDeps, input: AskedObject): Promise<DownloadView> {
  return withHolder(deps, input, true, async ({ holder, driver }) => {
    const options = { expiresInSeconds: addressSeconds, disposition: attachmentOf(input.key) }
    const { url } = await driver.presignGet(holder.bucketName, input.key, options)
    return { url, expiresAt: addressEnd(), storageId: holder.storageId }
  })
}

export type ObjectDetails = {
  readonly key: string
  readonly size: number
  readonly etag: string
  readonly lastModified: Date
  readonly contentType: string | null
  /** User metadata, without the prefix x-amz-meta-, and the other headers that go with the object. */
  readonly metadata: readonly HttpHeader[]
  readonly tags: readonly Tag[]
  readonly copies: readonly HolderRecord[]
}

/** Null when there is no such object. */
export async function objectDetails(deps: ServiceDeps, bucket: string, key: string): Promise<ObjectDetails | null> {
  const found = await withHolder(deps, { bucket, key }, false, async ({ holder, driver, head }) => ({
    head,
    tags: head.tagCount === 0 ? [] : await driver.getTags(holder.bucketName, key),
  })).catch((error: unknown) => {
    if (error instanceof FadoError && error.code === 'NOT_FOUND') return null
    throw error
  })
  const record = found && (await bucketByName(deps.pool, bucket))
  if (!found || !record) return null
  return { ...shown(found.head), tags: found.tags, copies: await holdersOf(deps.pool, record.id, key) }
}

const shown = ({ key, size, etag, lastModified, metadata }: ObjectHead) => ({
  ...{ key, size, etag },
  lastModified: new Date(lastModified),
  contentType: metadata['content-type'] ?? null,
  metadata: Object.entries(metadata)
    .filter(([name]) => name !== 'content-type')
    .map(([name, value]) => ({ name: name.replace(/^x-amz-meta-/, ''), value })),
})

type Entry = Awaited<ReturnType<typeof listFolder>>[number]
export type FolderEntryView = Entry & { readonly name: string }

/** What lies in the folder `prefix`: each object, and each folder once. */
export async function folderPage(
  { pool }: Pick<ServiceDeps, 'pool'>,
  bucketId: string,
  prefix: string,
  page: PageInput,
): Promise<Page<FolderEntryView>> {
  const load = async (after: string | undefined, limit: number) =>
    (await listFolder(pool, bucketId, { prefix, after, limit })).map((entry) => ({
      ...entry,
      name: nameIn(prefix, entry.key),
    }))
  return readPage(`folder ${bucketId} ${prefix}`, page, load, (entry) => entry.key)
}

/** Folders are named up to their slash; what has nothing behind the prefix is the mark of the folder itself. */
const nameIn = (prefix: string, key: string): string =>
  key.slice((key === prefix ? key.slice(0, -1) : prefix).lastIndexOf('/') + 1)

/** Where browsers send and get objects; a page is allowed to speak to these and no others. */
export async function objectOrigins({ pool }: Pick<ServiceDeps, 'pool'>): Promise<string[]> {
  const origins = (await storeAddresses(pool)).flatMap((address) => URL.parse(address)?.origin ?? [])
  return [...new Set(origins)]
}
