import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import type { StoreCapability } from '../../../server/domain/fleet/store-capability.ts'
import { createStorageDriver } from '../../../server/storage/create-storage-driver.ts'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { StorageError, type StorageErrorKind } from '../../../server/storage/storage-error.ts'
import type { ListedObject } from '../../../server/storage/storage-values.ts'
import type { StoreProcess } from '../../support/store-process.ts'

export type StoreUnderTest = {
  readonly store: StoreProcess
  readonly driver: StorageDriver
  /** A new, empty bucket. */
  bucket(): Promise<string>
}

/** The store that the tests of a suite share; made by its `beforeAll`. */
export type GetStore = () => StoreUnderTest

/** What the tests of one store are made with. */
export type Suite = {
  readonly get: GetStore
  /** As vitest's, but a known gap of the store must fail. */
  readonly test: (name: string, run: () => Promise<unknown>) => void
  /** Capabilities that its probe does not find, in their order. */
  readonly lacks: readonly StoreCapability[]
}

export function useStore(store: StoreProcess): StoreUnderTest {
  const driver = driverOf(store)
  return {
    store,
    driver,
    async bucket() {
      const name = `test-${randomBytes(6).toString('hex')}`
      await driver.createBucket(name)
      return name
    },
  }
}

/** Another driver of the store, closed with the test. */
export function driverForTest(store: StoreProcess): StorageDriver {
  const driver = driverOf(store)
  onTestFinished(() => driver.close())
  return driver
}

function driverOf({ endpoint, accessKey, secretKey }: StoreProcess): StorageDriver {
  return createStorageDriver({ endpoint, region: 'us-east-1', accessKey, secretKey })
}

export const bytes = (content: string | Uint8Array) => {
  const body = Buffer.from(content)
  return { body, size: body.length }
}

export async function contentOf(driver: StorageDriver, bucket: string, key: string): Promise<string> {
  return text((await driver.open(bucket, key)).body)
}

export async function listAll(driver: StorageDriver, bucket: string, options = {}): Promise<ListedObject[]> {
  return (await Array.fromAsync(driver.list(bucket, options))).flat()
}

/** Uploads parts of these sizes, filled with random bytes. */
export async function uploadParts(driver: StorageDriver, bucket: string, key: string, sizes: readonly number[]) {
  const uploadId = await driver.createUpload(bucket, key, { metadata: { 'x-amz-meta-made': 'in parts' } })
  const parts = []
  for (const [index, size] of sizes.entries()) {
    const part = { uploadId, partNumber: index + 1, body: randomBytes(size), size }
    parts.push({ partNumber: index + 1, etag: (await driver.uploadPart(bucket, key, part)).etag })
  }
  return driver.completeUpload(bucket, key, { uploadId, parts })
}

/** A body that gives some bytes and then fails. */
export function brokenBody(first: Uint8Array, error: Error): Readable {
  return Readable.from(
    (async function* () {
      yield first
      throw error
    })(),
    { objectMode: false },
  )
}

/** Resolves to the kind of the StorageError that the call rejects with; any other outcome throws. */
export async function kindOf(call: Promise<unknown>): Promise<StorageErrorKind> {
  const error = await call.then(
    (value) => new Error(`it resolved to ${JSON.stringify(value)}`),
    (failure: unknown) => failure,
  )
  if (error instanceof StorageError) return error.kind
  throw error
}

export const mib = 1024 ** 2
