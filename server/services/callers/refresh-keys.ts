import { keyAddresses, replaceKeys } from '../../db/catalogue/callers.ts'
import { limitConcurrency } from '../../limit-concurrency.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { fetchKeys } from './fetch-keys.ts'

type Deps = Pick<ServiceDeps, 'db' | 'pool' | 'log' | 'forbiddenTarget'>

/** One that is silent is waited for; so many others are asked meanwhile. */
const atOnce = 8

/** Issuers change their keys: asks each for its present ones. Of one that gives none the last good ones stay. */
export async function refreshKeys(deps: Deps): Promise<void> {
  const inTurn = limitConcurrency(atOnce)
  const urls = await keyAddresses(deps.pool)
  await Promise.all(urls.map((url) => inTurn(() => refresh(deps, url))))
}

async function refresh(deps: Deps, url: string): Promise<void> {
  try {
    const keys = await fetchKeys(deps, url)
    await deps.db.transaction(async (tx) => {
      if (await replaceKeys(tx, url, keys)) tx.wake('endpoints')
    })
  } catch (error) {
    deps.log.warn({ err: error, url }, 'the keys of an issuer could not be read again: the last ones stay')
  }
}
