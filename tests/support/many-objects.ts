import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/**
 * Makes many equal small objects on the disk of a MinIO, of one that was put over S3: what MinIO keeps of an object on one drive
 * says nothing of its name. Over S3 a million of them would take an hour.
 */
export function multiply(dataDir: string, bucket: string, seed: string, keys: Iterable<string>): void {
  const kept = readFileSync(path.join(dataDir, bucket, seed, 'xl.meta'))
  for (const key of keys) {
    const folder = path.join(dataDir, bucket, key)
    mkdirSync(folder, { recursive: true })
    writeFileSync(path.join(folder, 'xl.meta'), kept)
  }
}

/** In the order of their bytes. */
export function* manyKeys(count: number): Generator<string> {
  const digits = String(count).length
  for (let n = 0; n < count; n++) yield `all/${String(n).padStart(digits, '0')}`
}
