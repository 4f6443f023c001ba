// Stores of a bench, in memory, and a bucket in one of them.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import os from 'node:os'
import { createStorageDriver } from '../server/storage/create-storage-driver.ts'
import type { StorageDriver } from '../server/storage/storage-driver.ts'
import { type MinioOptions, startMinio } from '../tests/support/minio.ts'
import type { StoreProcess } from '../tests/support/store-process.ts'

/** `partBytes`: the objects were uploaded in such parts; null: in one piece. */
export type Work = { readonly objects: number; readonly bytes: number; readonly partBytes: number | null }

export const source = 'source'

/** Stores whose disks are no part of the question. */
function inMemory(): string {
  const shared = '/dev/shm'
  return existsSync(shared) ? shared : os.tmpdir()
}

/** One for each of these. */
export async function startInMemory(all: readonly MinioOptions[]): Promise<StoreProcess[]> {
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = inMemory()
  try {
    return await Promise.all(all.map((options) => startMinio(options)))
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
}

export const startStores = async () => (await startInMemory([{}, {}])) as [StoreProcess, StoreProcess]

export const driverOf = ({ endpoint, accessKey, secretKey }: StoreProcess) =>
  createStorageDriver({ endpoint, region: 'us-east-1', accessKey, secretKey })

async function putInParts(driver: StorageDriver, key: string, bytes: number, partBytes: number): Promise<void> {
  const uploadId = await driver.createUpload(source, key)
  const parts = []
  for (let at = 0, partNumber = 1; at < bytes; at += partBytes, partNumber++) {
    const body = randomBytes(Math.min(partBytes, bytes - at))
    const { etag } = await driver.uploadPart(source, key, { uploadId, partNumber, body, size: body.length })
    parts.push({ partNumber, etag })
  }
  await driver.completeUpload(source, key, { uploadId, parts })
}

export async function fill(store: StoreProcess, { objects, bytes, partBytes }: Work): Promise<void> {
  const driver = driverOf(store)
  await driver.createBucket(source)
  let next = 0
  const put = async () => {
    for (let i = next++; i < objects; i = next++) {
      const key = `data/${String(i).padStart(8, '0')}`
      if (partBytes === null) await driver.put(source, key, { body: randomBytes(bytes), size: bytes })
      else await putInParts(driver, key, bytes, partBytes)
    }
  }
  await Promise.all(Array.from({ length: 16 }, put))
  await driver.close()
}
