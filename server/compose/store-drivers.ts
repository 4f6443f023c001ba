// One driver per store, made anew when its row changes, so that rotated credentials are used within seconds.

import { loadSealedAccess, type SealedAccess } from '../db/catalogue/store-access.ts'
import type { Pool } from '../db/core/pool.ts'
import { FadoError } from '../domain/errors.ts'
import type { Log } from '../log.ts'
import { openCredentials, type SecretBox } from '../secrets.ts'
import { createStorageDriver } from '../storage/create-storage-driver.ts'
import type { StorageDriver } from '../storage/storage-driver.ts'

/** How old what is known of a store's row may be. */
const freshMs = 2_000
/** Calls in hand may go on that long with a driver that was replaced. */
const lingerMs = 60_000

export type OpenStore = { readonly driver: StorageDriver; readonly name: string }
export type StoreDrivers = {
  /** Throws NOT_FOUND when there is no such store, UNSAFE when its credentials cannot be decrypted. */
  get(storageId: string): Promise<OpenStore>
  close(): Promise<void>
}

type Entry = { readonly store: OpenStore; readonly row: string; readAt: number }

export function createStoreDrivers(deps: { pool: Pool; secrets: SecretBox; log: Log }): StoreDrivers {
  const { pool, secrets, log } = deps
  const entries = new Map<string, Entry>()
  const loading = new Map<string, Promise<OpenStore>>()
  const lingering = new Map<NodeJS.Timeout, StorageDriver>()

  function open(access: SealedAccess): OpenStore {
    const { id, name, credentials, ...reached } = access
    const driver = createStorageDriver({ ...reached, ...openCredentials(secrets, id, credentials) })
    return { driver, name }
  }
  const close = (driver: StorageDriver) =>
    driver.close().catch((error: unknown) => log.warn({ err: error }, 'a store driver did not close'))

  function retire(driver: StorageDriver) {
    const timer = setTimeout(() => {
      lingering.delete(timer)
      void close(driver)
    }, lingerMs)
    timer.unref()
    lingering.set(timer, driver)
  }

  async function load(id: string): Promise<OpenStore> {
    const access = await loadSealedAccess(pool, id)
    const old = entries.get(id)
    if (access === undefined) {
      if (old) retire(old.store.driver)
      entries.delete(id)
      throw new FadoError('NOT_FOUND', 'There is no such storage deployment any more')
    }
    const row = JSON.stringify(access)
    if (old?.row === row) {
      old.readAt = performance.now()
      return old.store
    }
    const store = open(access)
    if (old) retire(old.store.driver)
    entries.set(id, { store, row, readAt: performance.now() })
    return store
  }

  return {
    get(id) {
      const entry = entries.get(id)
      if (entry && performance.now() - entry.readAt < freshMs) return Promise.resolve(entry.store)
      const running = loading.get(id) ?? load(id).finally(() => loading.delete(id))
      loading.set(id, running)
      return running
    },
    async close() {
      for (const timer of lingering.keys()) clearTimeout(timer)
      const drivers = [...lingering.values(), ...[...entries.values()].map((entry) => entry.store.driver)]
      await Promise.all(drivers.map(close))
    },
  }
}
