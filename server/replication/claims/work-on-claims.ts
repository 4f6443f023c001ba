// Works on claimed keys, each under its lease and in its turn on its link, and gives them back as it ended.
import { giveBackObject, keepUntold } from '../../db/copies/object-claims.ts'
import { lateCause } from '../../domain/replica/conformance.ts'
import type { KeyEnd, KeyRun } from '../keys/key-work.ts'
import { workOnKey } from '../keys/replicate-key.ts'
import type { MoverLink } from '../links/links.ts'
import { type AtCopy, beginKey, type ClaimDeps, type ClaimedKey, endKey, giveBack, idOfKey } from './claimed-key.ts'
import { isPlain, workTogether } from './work-together.ts'

export type ClaimWork = {
  /**
   * A key is worked on once at a time: one that was claimed again after its lease ran out waits for what was begun under that, whose
   * statements the database takes for those of the new lease, for they have one owner.
   */
  start(keys: readonly ClaimedKey[], at: AtCopy): void
  /** Resolves when no key is worked on any more. */
  settled(): Promise<unknown>
}

export function createClaimWork(deps: ClaimDeps): ClaimWork {
  const { pool, statements, owner, limits, times, stores, reporter, metrics, wake } = deps
  const running = new Set<Promise<void>>()
  const underWay = new Map<string, Promise<void>>()

  /** For the conformance of its copy; a first sync is not late. */
  async function tellArrival({ claim, changed }: KeyRun, ageSeconds: number, link: MoverLink): Promise<void> {
    const { bulk, key, waitedSeconds, failure } = claim
    if (!changed || bulk) return
    const trouble = stores.troubleSince(link, ageSeconds)
    const cause = lateCause({ ageSeconds, waitedSeconds, failure, trouble })
    reporter.arrived(claim, { seconds: ageSeconds, key, cause })
    metrics.arrived((await stores.get(claim.storageId)).name, ageSeconds)
  }

  /** Resolves to whether there is news of the key. */
  async function end(run: KeyRun, ended: KeyEnd, link: MoverLink, begunAt: number): Promise<boolean> {
    const { claim } = run
    if (ended.end === 'done') {
      const { news, ageSeconds } = await statements.finish(claim)
      await tellArrival(run, ageSeconds, link)
      return news
    }
    if (ended.end === 'untold') return (await keepUntold(pool.lazily, owner, claim, times.untold / 1000)).news
    // What was lent while the master is away is there from now on; the look at it that follows changes nothing.
    if (run.masterAway && run.changed)
      await tellArrival(run, claim.waitedSeconds + (performance.now() - begunAt) / 1000, link)
    const { seconds, unlessNews = false } = ended
    const back = { seconds, failure: null, failed: false, unlessNews, lookAgainSeconds: null }
    await giveBackObject(pool.lazily, owner, claim, back)
    return false
  }

  async function work(key: ClaimedKey, at: AtCopy): Promise<void> {
    const { link } = at
    const begunAt = performance.now()
    await key.place.enter()
    const { run, carried } = beginKey(deps, key, at)
    let news = false
    try {
      run.signal.throwIfAborted()
      link.requireStores(begunAt)
      const ended = await workOnKey({ ...deps, stores: link.stores }, run)
      news = await end(run, ended, link, begunAt)
      if (ended.end === 'done') carried.done()
    } catch (error) {
      await giveBack(deps, run, error)
    } finally {
      endKey(key)
      carried.end()
      if (news || link.isHungry()) wake()
    }
  }
  async function workOnMany(keys: readonly ClaimedKey[], at: AtCopy): Promise<void> {
    const others = await workTogether(deps, keys, at)
    await Promise.all(others.map((key) => work(key, at)))
  }

  function begin(one: Promise<void>): void {
    const begun = one.finally(() => running.delete(begun))
    running.add(begun)
  }
  /** Resolves when what was begun under a former lease has ended; undefined: nothing is under way. */
  function formerOf({ claim, ended }: ClaimedKey): Promise<void> | undefined {
    const id = idOfKey(claim)
    const former = underWay.get(id)
    underWay.set(id, ended.promise)
    void ended.promise.then(() => underWay.get(id) === ended.promise && underWay.delete(id))
    return former
  }
  return {
    start(keys, at) {
      const plain: ClaimedKey[] = []
      for (const key of keys) {
        const former = formerOf(key)
        if (former !== undefined) begin(former.then(() => work(key, at)))
        else if (isPlain(key, at)) plain.push(key)
        else begin(work(key, at))
      }
      for (let i = 0; i < plain.length; i += limits.together) begin(workOnMany(plain.slice(i, i + limits.together), at))
    },
    settled: () => Promise.all(running),
  }
}
