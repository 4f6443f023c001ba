// Works on many keys of one copy together that are most likely new, and small: each request in its turn, the database asked once
// for all.
import { finishObjects } from '../../db/copies/object-claims.ts'
import { isOfMaster } from '../../domain/links/link.ts'
import { forEachOf } from '../for-each-of.ts'
import { copyManyNew, type ManyEnds } from '../keys/copy-many-new.ts'
import type { KeyRun } from '../keys/key-work.ts'
import { smallBytes } from '../settings.ts'
import { type AtCopy, beginKey, type ClaimDeps, type ClaimedKey, endKey, giveBack } from './claimed-key.ts'

/** Of keys that failed together. */
const givenBackAtOnce = 24

/** Found by a first sync, small, and never tried before: most likely new, and nothing more. */
export const isPlain = ({ claim: { bulk, attempts, size } }: ClaimedKey, { link, masterAway }: AtCopy): boolean =>
  bulk && attempts === 0 && size !== null && size <= smallBytes && !isOfMaster(link) && !masterAway

type Ends = ManyEnds & { readonly news: boolean }

async function copyTogether(deps: ClaimDeps, runs: readonly KeyRun[], { link }: AtCopy): Promise<Ends> {
  try {
    const ends = await copyManyNew({ ...deps, stores: link.stores }, runs)
    const claims = ends.done.map(({ claim }) => claim)
    const finished = await finishObjects(deps.pool.lazily, deps.owner, claims)
    return { ...ends, news: finished.some(({ news }) => news) }
  } catch (error) {
    return { done: [], failed: new Map(runs.map((run) => [run, error])), news: false }
  }
}

/** Resolves to those that are not as simple as they looked: they go on by themselves. */
export async function workTogether(deps: ClaimDeps, keys: readonly ClaimedKey[], at: AtCopy): Promise<ClaimedKey[]> {
  const begun = keys.map((key) => ({ key, ...beginKey(deps, key, at) }))
  const runs = begun.map(({ run }) => run)
  const { done, failed, news } = await copyTogether(deps, runs, at)
  const isDone = new Set(done)
  for (const { key, run, carried } of begun) {
    if (isDone.has(run)) carried.done()
    carried.end()
    if (isDone.has(run)) endKey(key)
  }
  const toGiveBack = begun.filter(({ run }) => failed.has(run))
  await forEachOf(toGiveBack, givenBackAtOnce, async ({ key, run }) => {
    await giveBack(deps, run, failed.get(run))
    endKey(key)
  })
  if (news || at.link.isHungry()) deps.wake()
  return begun.flatMap(({ key, run }) => (isDone.has(run) || failed.has(run) ? [] : [key]))
}
