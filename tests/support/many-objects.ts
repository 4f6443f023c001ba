import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** So many are made before others have a turn: who hears nothing for a minute takes a connection that was ended for a living one. */
const inOneTurn = 1_000

/**
 * Makes many equal small objects on the disk of a MinIO, of one that was put over S3: what MinIO keeps of an object on one drive
 * says nothing of its name. Over S3 a million of them would take an hour.
 */
export async function multiply(dataDir: string, bucket: string, seed: string, keys: Iterable<string>): Promise<void> {
  const kept = readFileSync(path.join(dataDir, bucket, seed, 'xl.meta'))
  let made = 0
  for (const key of keys) {
    if (made++ % inOneTurn === 0) await nextTurn()
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
