import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import type { StoreProcess } from './store-process.ts'

/**
 * Keeps what a store has now. `putBack` ends the store as a power cut would, gives it that state again, and starts it on the same
 * port: what was written there since is lost, and each object has the time that it had then.
 */
export async function backUp(store: StoreProcess): Promise<{ putBack(): Promise<void> }> {
  const kept = await mkdtemp(path.join(tmpdir(), 'fado-backup-'))
  onTestFinished(() => rm(kept, { recursive: true, force: true }))
  await cp(store.dataDir, kept, { recursive: true, preserveTimestamps: true })
  return {
    async putBack() {
      await store.kill9()
      await rm(store.dataDir, { recursive: true, force: true })
      await cp(kept, store.dataDir, { recursive: true, preserveTimestamps: true })
      await store.restart()
    },
  }
}
