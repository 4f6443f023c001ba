// Every call of a driver, against a server that breaks the rules.
import { buffer } from 'node:stream/consumers'
import { expect, onTestFinished } from 'vitest'
import { createStorageDriver } from '../../../../server/storage/create-storage-driver.ts'
import type { StorageDriver } from '../../../../server/storage/storage-driver.ts'
import { StorageError } from '../../../../server/storage/storage-error.ts'
import { type Hostility, startHostileServer } from '../../../support/hostile-server.ts'

export const secretOfTest = 'wJalrXUtnFEMI-secret'
export const accessOfTest = 'AKIAIOSFODNN7EXAMPLE'
/** Where time must run out, it does so soon; where it must not, a busy machine has time enough. */
export const hasty = { connectMs: 4_000, idleMs: 100, listMs: 100, answerMs: 300, completeMs: 200 }
export const patient = { connectMs: 4_000, idleMs: 4_000, listMs: 4_000, answerMs: 4_000, completeMs: 4_000 }

export async function driverAt(hostility: Hostility | string, timeouts = patient): Promise<StorageDriver> {
  const endpoint = typeof hostility === 'string' ? hostility : await startHostileServer(hostility)
  const driver = createStorageDriver({
    endpoint,
    region: 'us-east-1',
    accessKey: accessOfTest,
    secretKey: secretOfTest,
    timeouts,
  })
  onTestFinished(() => driver.close())
  return driver
}

const body = { body: Buffer.alloc(2_000_000), size: 2_000_000 }
export const parts = [{ partNumber: 1, etag: 'e' }]

/** Every method that asks the store something. */
const calls: Readonly<Record<string, (driver: StorageDriver) => Promise<unknown>>> = {
  ping: (driver) => driver.ping(),
  probe: (driver) => driver.probe(),
  listBuckets: (driver) => driver.listBuckets(),
  bucketCreatedAt: (driver) => driver.bucketCreatedAt('bucket'),
  headBucket: (driver) => driver.headBucket('bucket'),
  createBucket: (driver) => driver.createBucket('bucket'),
  deleteBucket: (driver) => driver.deleteBucket('bucket'),
  list: (driver) => Array.fromAsync(driver.list('bucket')),
  head: (driver) => driver.head('bucket', 'k'),
  open: async (driver) => buffer((await driver.open('bucket', 'k')).body),
  read: (driver) => driver.read('bucket', 'k', { most: 1_000_000 }),
  put: (driver) => driver.put('bucket', 'k', body),
  delete: (driver) => driver.delete('bucket', 'k'),
  getTags: (driver) => driver.getTags('bucket', 'k'),
  putTags: (driver) => driver.putTags('bucket', 'k', [{ key: 'a', value: 'b' }]),
  listVersions: (driver) => Array.fromAsync(driver.listVersions('bucket')),
  deleteVersion: (driver) => driver.deleteVersion('bucket', 'k', 'v'),
  parts: (driver) => driver.parts('bucket', 'k'),
  amend: (driver) => driver.amend('bucket', 'k', { metadata: {}, tags: [], ifMatch: 'e' }),
  createUpload: (driver) => driver.createUpload('bucket', 'k'),
  uploadPart: (driver) => driver.uploadPart('bucket', 'k', { uploadId: 'u', partNumber: 1, ...body }),
  completeUpload: (driver) => driver.completeUpload('bucket', 'k', { uploadId: 'u', parts }),
  abortUpload: (driver) => driver.abortUpload('bucket', 'k', 'u'),
  subscribe: (driver) => driver.subscribe('bucket'),
  unsubscribe: (driver) => driver.unsubscribe('bucket'),
}

export async function failureOf(call: Promise<unknown>): Promise<StorageError> {
  const failure = await call.then(
    (value) => new Error(`it resolved to ${JSON.stringify(value)}`),
    (error: unknown) => error,
  )
  if (failure instanceof StorageError) return failure
  throw failure
}

/** Each method fails with one of the kinds, and tells no secret. */
export async function expectAll(
  driver: StorageDriver,
  kinds: readonly string[],
  methods = Object.keys(calls),
): Promise<void> {
  const failures = methods.map(async (method) => {
    const failure = await failureOf(calls[method]?.(driver) ?? Promise.resolve())
    expect(kinds, `${method}: ${failure.message}`).toContain(failure.kind)
    expect(`${failure.message} ${failure.code}`).not.toMatch(/wJalr|AKIA|Signature=|X-Amz-Signature/)
  })
  await Promise.all(failures)
}

export const without = (...methods: string[]) => Object.keys(calls).filter((method) => !methods.includes(method))
export const ok = 'HTTP/1.1 200 OK\r\n'
export const object = 'etag: "e"\r\nlast-modified: Tue, 24 Nov 2026 22:10:19 GMT\r\n'
