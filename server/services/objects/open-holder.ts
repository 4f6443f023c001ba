// The store that an object is read from: one that has it, asked just now.
import { bucketByName } from '../../db/catalogue/buckets.ts'
import { type HolderRecord, holdersOf } from '../../db/catalogue/object-holders.ts'
import { sealedStorageById } from '../../db/catalogue/storage-deployments.ts'
import { FadoError } from '../../domain/errors.ts'
import { rankHolders } from '../../domain/object/choose-holder.ts'
import type { StorageDriver } from '../../storage/storage-driver.ts'
import type { ObjectHead } from '../../storage/storage-values.ts'
import { notFound } from '../shared/change.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { accessOf } from '../stores/probe-store.ts'
import { keyProblem } from './check-object.ts'
import { objectRefusal } from './object-refusal.ts'

export type AskedObject = {
  readonly bucket: string
  readonly key: string
  /** Only from this store; else from the best. */
  readonly storageDeployment?: string | null | undefined
}

export type OpenHolder = { readonly holder: HolderRecord; readonly driver: StorageDriver; readonly head: ObjectHead }

/** A store that is silent for so long is passed over. */
const lookMs = 3_000

const noObject = (key: string, bucket: string): FadoError =>
  new FadoError('NOT_FOUND', `There is no object ${JSON.stringify(key)} in ${bucket}`, { path: ['key'] })

/**
 * Runs `work` on the best holder of the object. NOT_FOUND when there is no such object, or the store that is named does not
 * hold it in sync; UNREACHABLE when no holder answers.
 */
export async function withHolder<T>(
  deps: ServiceDeps,
  { bucket: name, key, storageDeployment }: AskedObject,
  forBrowsers: boolean,
  work: (open: OpenHolder) => Promise<T>,
): Promise<T> {
  const bucket = await bucketByName(deps.pool, name)
  if (bucket === undefined) throw notFound('bucket', name, ['bucket'])
  if (keyProblem(key) !== undefined) throw noObject(key, name)
  const all = await holdersOf(deps.pool, bucket.id, key)
  const holders = rankHolders(
    storageDeployment == null ? all.filter(({ inSync }) => inSync) : namedHolder(all),
    forBrowsers,
  )
  let silent: unknown
  for (const holder of holders) {
    const found = await look(deps, holder, key).catch((error: unknown) => {
      silent = objectRefusal(error, holder.store)
      return null
    })
    if (found === null) continue
    try {
      if (found.head !== null) return await work({ holder, driver: found.driver, head: found.head })
    } catch (error) {
      throw objectRefusal(error, holder.store)
    } finally {
      await found.driver.close()
    }
    if (holder.isMaster) throw noObject(key, name) // which it knows best
  }
  throw silent ?? noObject(key, name)

  function namedHolder(of: readonly HolderRecord[]): HolderRecord[] {
    const holder = of.find(({ store }) => store === storageDeployment)
    if (holder?.inSync) return [holder]
    const why = holder === undefined ? `holds no copy of ${name} that is wanted` : 'does not hold it in sync now'
    throw new FadoError('NOT_FOUND', `${storageDeployment} ${why}: leave the store out, or wait for the copy`, {
      path: ['storageDeployment'],
    })
  }
}

/** `head` null: it does not have what it is to have. */
async function look(
  deps: ServiceDeps,
  holder: HolderRecord,
  key: string,
): Promise<{ driver: StorageDriver; head: ObjectHead | null } | null> {
  const storage = await sealedStorageById(deps.pool, holder.storageId)
  if (storage === undefined) return null
  const driver = deps.connect(accessOf(deps, storage))
  try {
    const head = await driver.head(holder.bucketName, key, { signal: AbortSignal.timeout(lookMs) })
    const isIt = head !== null && (holder.isMaster || head.etag === holder.etag)
    return { driver, head: isIt ? head : null }
  } catch (error) {
    await driver.close()
    throw error
  }
}
