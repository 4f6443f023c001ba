import { keyAddresses, replaceKeys } from '../../db/catalogue/callers.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { fetchKeys } from './fetch-keys.ts'

/** Issuers change their keys: asks each for its present ones. Of one that gives none the last good ones stay. */
export async function refreshKeys(deps: Pick<ServiceDeps, 'db' | 'pool' | 'log' | 'forbiddenTarget'>): Promise<void> {
  const { db, pool, log } = deps
  for (const url of await keyAddresses(pool)) {
    try {
      const keys = await fetchKeys(deps, url)
      await db.transaction(async (tx) => {
        if (await replaceKeys(tx, url, keys)) tx.wake('endpoints')
      })
    } catch (error) {
      log.warn({ err: error, url }, 'the keys of an issuer could not be read again: the last ones stay')
    }
  }
}
