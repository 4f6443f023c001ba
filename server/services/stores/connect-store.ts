import { createStorageDriver } from '../../storage/create-storage-driver.ts'
import type { StorageDriver } from '../../storage/storage-driver.ts'
import type { StorageTimeouts } from '../../storage/storage-values.ts'
import type { OpenAccess } from '../shared/deps.ts'

/** Someone waits for the answer: shorter than a mover's patience. */
const timeouts = { connectMs: 3_000, idleMs: 8_000, listMs: 10_000, answerMs: 10_000 }

export const connectStore = (store: OpenAccess, more: Partial<StorageTimeouts> = {}): StorageDriver =>
  createStorageDriver({ ...store, timeouts: { ...timeouts, ...more } })
