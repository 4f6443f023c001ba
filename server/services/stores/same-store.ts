// A store may move to another address. Another store at that address is no move: routes and copies would rest on data that is
// not there.
import { type BucketOnStore, bucketsOnStore, storageDatesMove } from '../../db/catalogue/storage-deployments.ts'
import { FadoError } from '../../domain/errors.ts'
import { counted } from '../../domain/reason.ts'
import { hasRecordedDate, judgeByContent } from '../../domain/same-bucket.ts'
import type { OpenAccess, ServiceDeps } from '../shared/deps.ts'
import { storeRefusal } from './probe-store.ts'

const lookMs = 10_000
const shown = 3

/** Throws VALIDATION_FAILED unless every bucket that FaDO has on the store is to be seen at the address. */
export async function requireSameStore(deps: ServiceDeps, access: OpenAccess, storageId: string): Promise<void> {
  const expected = await bucketsOnStore(deps.pool, storageId)
  if (expected.length === 0) return
  const datesMove = await storageDatesMove(deps.pool, storageId)
  const driver = deps.connect(access)
  try {
    const signal = AbortSignal.timeout(lookMs)
    const listed = await driver.listBuckets({ signal })
    const dates = new Map(listed.map(({ name, createdAt }) => [name, createdAt]))
    /** As movers see it: a bucket of another date, or of none that is known, is the same by what lies in it. */
    const isThere = async ({ name, createdOn, known }: BucketOnStore): Promise<boolean> => {
      const date = dates.get(name)
      if (date === undefined) return false
      if (createdOn !== null && hasRecordedDate(date, createdOn)) return true
      const heads = await Promise.all(known.map(({ key }) => driver.head(name, key, { signal })))
      const found = known.filter(({ etag }, place) => heads[place]?.etag === etag).length
      const verdict = judgeByContent({ asked: known.length, found })
      return verdict === 'untold' ? createdOn === null || datesMove : verdict === 'moved'
    }
    const there = await Promise.all(expected.map(isThere))
    const missing = expected.filter((_, place) => there[place] === false)
    if (missing.length === 0) return
    const names = missing.slice(0, shown).map(({ name }) => name)
    throw new FadoError(
      'VALIDATION_FAILED',
      `${access.endpoint} is another store: it lacks ${counted(missing.length, 'bucket')} that FaDO has on this one ` +
        `(${names.join(', ')}${missing.length > shown ? ', ...' : ''}). Add it as a store of its own`,
      { path: ['endpoint'] },
    )
  } catch (error) {
    throw storeRefusal(error, access.endpoint)
  } finally {
    await driver.close()
  }
}
