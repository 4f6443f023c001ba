// Goes through the copies that have due keys, page by page: a store with more of them than one page shows goes on behind the
// last one at the next turn.
import { type DuePair, findDuePairs, type PairPlace } from '../../db/copies/due-pairs.ts'
import type { Sql } from '../../db/core/pool.ts'

/** Pairs per store that one claim chooses from. */
const pairsPerStore = 200

/** The next page; `more`: there is another one behind it. */
export type PairScan = (sql: Sql) => Promise<{ readonly pairs: readonly DuePair[]; readonly more: boolean }>

export function createPairScan(): PairScan {
  const after = new Map<string, PairPlace>()
  return async (sql) => {
    const pairs = await findDuePairs(sql, { after, limit: pairsPerStore })
    after.clear()
    for (const [storageId, ofStore] of Map.groupBy(pairs, (pair) => pair.toStorageId)) {
      const last = ofStore[pairsPerStore - 1]
      if (last !== undefined) after.set(storageId, last)
    }
    return { pairs, more: after.size > 0 }
  }
}
