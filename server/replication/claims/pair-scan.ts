// Goes through the copies that have due keys, page by page: a store with more of them than one page shows goes on behind the
// last one at the next turn.
import { type DuePair, findDuePairs, findYoungPairs, type PairPlace } from '../../db/copies/due-pairs.ts'
import type { Sql } from '../../db/core/pool.ts'

/** Pairs per store that one claim chooses from. */
const pairsPerStore = 200

/**
 * The next page, and with it copies of other pages with keys that changed just now: these wait for no page. `more`: there is another
 * one behind it.
 */
export type PairScan = (sql: Sql) => Promise<{ readonly pairs: readonly DuePair[]; readonly more: boolean }>

/** `youngSeconds`: for so long a change is young. */
export function createPairScan(youngSeconds: number): PairScan {
  const after = new Map<string, PairPlace>()
  return async (sql) => {
    const isFirst = after.size === 0
    const page = await findDuePairs(sql, { after, limit: pairsPerStore })
    after.clear()
    for (const [storageId, ofStore] of Map.groupBy(page, (pair) => pair.toStorageId)) {
      const last = ofStore[pairsPerStore - 1]
      if (last !== undefined) after.set(storageId, last)
    }
    const more = after.size > 0
    const isAll = isFirst && !more
    return { pairs: isAll ? page : withOthers(page, await findYoungPairs(sql, youngSeconds)), more }
  }
}

const idOf = ({ toStorageId, bucketId, bulk }: DuePair): string => `${toStorageId} ${bucketId} ${bulk}`

function withOthers(page: readonly DuePair[], young: readonly DuePair[]): readonly DuePair[] {
  const known = new Set(page.map(idOf))
  return [...page, ...young.filter((pair) => !known.has(idOf(pair)))]
}
