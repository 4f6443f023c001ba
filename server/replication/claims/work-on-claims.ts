// Works on claimed keys, each under its lease and in its turn on its link, and gives them back as it ended.
import { tellLateWrite } from '../../db/copies/late-writes.ts'
import {
  type ClaimedObject,
  finishObjects,
  type GiveBack,
  giveBackObject,
  keepUntold,
} from '../../db/copies/object-claims.ts'
import { isOfMaster, type Link, storesOf } from '../../domain/links/link.ts'
import type { SourceReason } from '../../domain/replica/choose-source.ts'
import { lateCause } from '../../domain/replica/conformance.ts'
import { afterFailure, StoreBroke } from '../after-failure.ts'
import { forEachOf } from '../for-each-of.ts'
import { copyManyNew, type ManyEnds } from '../keys/copy-many-new.ts'
import type { KeyDeps, KeyEnd, KeyRun } from '../keys/key-work.ts'
import { workOnKey } from '../keys/replicate-key.ts'
import type { LinkFlows } from '../report/link-flows.ts'
import type { Reporter } from '../report/reporter.ts'
import { type Limits, smallBytes, type Times } from '../settings.ts'
import type { Bandwidth } from '../stores/bandwidth.ts'
import { orInterrupted } from '../stores/shared-answers.ts'
import type { HeldKeys } from './held-keys.ts'
import type { Lease } from './leases.ts'
import type { LinkGates } from './link-gates.ts'

export type ClaimDeps = KeyDeps & {
  readonly owner: string
  readonly limits: Limits
  readonly gates: LinkGates
  readonly times: Times
  readonly reporter: Reporter
  readonly flows: LinkFlows
  readonly bandwidth: Pick<Bandwidth, 'known'>
}

export type Claimed = { readonly claim: ClaimedObject; readonly lease: Lease }

export type ClaimPlace = {
  readonly link: Link
  /** Other copies may lend what this one lacks. */
  readonly others: boolean
  readonly masterAway: boolean
}

export type ClaimWork = {
  /** Claims of one copy, or of a master's own records. */
  start(claims: readonly Claimed[], at: ClaimPlace): void
  /** Resolves when no key is worked on any more. */
  settled(): Promise<unknown>
}

/**
 * A large object takes the places of many small ones, so that few of them share what the link can carry: eight at the most, and each
 * as much as four small ones, or a link that can carry little would have nothing else under way.
 */
const mostLarge = 8
const placesOfLarge = 4
const placesOf = ({ size }: ClaimedObject, limit: number): number =>
  (size ?? 0) > smallBytes ? Math.max(placesOfLarge, Math.ceil(limit / mostLarge)) : 1

/** Of keys that failed together. */
const givenBackAtOnce = 24

/** It waits for nothing but its requests. */
const plainRun = (
  { claim, lease }: Claimed,
  { others, masterAway }: ClaimPlace,
  carry: Pick<KeyRun, 'onBytes' | 'readFrom' | 'inTurn'>,
): KeyRun => ({
  claim,
  signal: lease.signal,
  abort: lease.abort,
  holds: lease.holds,
  park: (waiting) => orInterrupted(waiting, lease.signal),
  ...carry,
  writing: false,
  said: null,
  waitedForWrite: false,
  changed: false,
  others,
  masterAway,
  notFrom: new Set(),
})

/** Found by a first sync, small, and never tried before: most likely new, and nothing more. */
const isPlain = ({ claim: { bulk, attempts, size } }: Claimed): boolean =>
  bulk && attempts === 0 && size !== null && size <= smallBytes

/** `wake`: there is room for more keys, or news of this one. */
export function createClaimWork(deps: ClaimDeps & { readonly held: HeldKeys; readonly wake: () => void }): ClaimWork {
  const { pool, statements, log, owner, limits, gates, times, stores, reporter, flows, metrics, held, wake } = deps
  const running = new Set<Promise<void>>()
  let parked = 0

  /** Without the database the lease ends by itself. */
  async function giveBack(error: unknown, run: KeyRun): Promise<void> {
    const { claim, signal } = run
    const { bucketId, attempts } = claim
    const waits = { broken: times.storeRetry / 4, first: times.backoff }
    const { waitMs, failure } = await afterFailure(deps, error, { signal, attempts, waits, about: { bucketId } })
    const lookAgainSeconds = run.writing ? times.lateWrite / 1000 : null
    const back: GiveBack = { seconds: waitMs / 1000, failure, failed: failure !== null, lookAgainSeconds }
    await giveBackObject(pool.lazily, owner, claim, back).catch((late: unknown) => log.warn({ err: late }))
    if (run.said === null || run.holds()) return
    await tellLateWrite(pool, run.said).catch((late: unknown) => log.warn({ err: late }))
  }

  /** For the conformance of its copy; a first sync is not late. */
  async function tellArrival({ claim, changed }: KeyRun, ageSeconds: number, link: Link): Promise<void> {
    const { bulk, key, waitedSeconds, failure } = claim
    if (!changed || bulk) return
    const trouble = stores.troubleSince(storesOf(link), ageSeconds)
    const cause = lateCause({ ageSeconds, waitedSeconds, failure, trouble })
    reporter.arrived(claim, { seconds: ageSeconds, key, cause })
    metrics.arrived((await stores.get(claim.storageId)).name, ageSeconds)
  }

  /** Resolves to whether there is news of the key. */
  async function end(run: KeyRun, ended: KeyEnd, link: Link, begunAt: number): Promise<boolean> {
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

  /** What is carried for one key, over the link over which it comes. */
  function carry(claim: ClaimedObject, link: Link) {
    const moving = reporter.moving(claim)
    let at = link
    let flow = flows.begin(link)
    return {
      onBytes(bytes: number) {
        moving.add(bytes)
        flow.add(bytes)
      },
      readFrom(storageId: string, why: SourceReason) {
        reporter.source(claim, { storageId, why })
        if (storageId === at.fromStorageId) return
        flow.end()
        at = { fromStorageId: storageId, toStorageId: link.toStorageId }
        flow = flows.begin(at)
      },
      done: () => flow.done(),
      end() {
        moving.end()
        flow.end()
      },
    }
  }

  /** A store that broke is tried by one key at a time, not by all that were claimed before. */
  function requireStores(ids: readonly string[], claimedAt: number): void {
    for (const id of ids) {
      const awayMs = stores.awayMs(id)
      if (awayMs > 0 && performance.now() - awayMs > claimedAt) throw new StoreBroke()
    }
  }

  async function work({ claim, lease }: Claimed, place: ClaimPlace): Promise<void> {
    const { link } = place
    const begunAt = performance.now()
    const { gate, stores: heard } = gates.of(link)
    const places = placesOf(claim, gates.limitOf(link))
    let leave = await gate.enter(claim.bulk, places)
    const carried = carry(claim, link)
    let news = false
    const run: KeyRun = {
      ...plainRun({ claim, lease }, place, { ...carried, inTurn: (request) => request() }),
      async park(waiting) {
        if (parked >= limits.parked) return orInterrupted(waiting, lease.signal)
        parked++
        leave()
        held.count(link, claim, -1)
        wake()
        try {
          return await orInterrupted(waiting, lease.signal)
        } finally {
          parked--
          held.count(link, claim, 1)
          leave = await gate.enter(claim.bulk, places)
        }
      },
    }
    try {
      lease.signal.throwIfAborted()
      requireStores(storesOf(link), begunAt)
      const ended = await workOnKey({ ...deps, stores: heard }, run)
      news = await end(run, ended, link, begunAt)
      if (ended.end === 'done') carried.done()
    } catch (error) {
      await giveBack(error, run)
    } finally {
      lease.release()
      leave()
      held.count(link, claim, -1)
      carried.end()
      if (news || held.isHungry(link)) wake()
    }
  }

  /** Those that are not as simple as they looked go on by themselves. */
  async function workTogether(members: readonly Claimed[], place: ClaimPlace): Promise<void> {
    const { link } = place
    const begunAt = performance.now()
    const ids = storesOf(link)
    const { gate, stores: heard } = gates.of(link)
    async function inTurn<T>(request: () => Promise<T>): Promise<T> {
      const leave = await gate.enter(true, 1)
      try {
        requireStores(ids, begunAt)
        return await request()
      } finally {
        leave()
      }
    }
    const carried = members.map((member) => ({ member, carry: carry(member.claim, link) }))
    const runs = new Map<KeyRun, Claimed>(
      carried.map(({ member, carry: ofMember }) => [plainRun(member, place, { ...ofMember, inTurn }), member]),
    )
    let ends: ManyEnds = { done: [], failed: new Map() }
    let news = false
    try {
      ends = await copyManyNew({ ...deps, stores: heard }, [...runs.keys()])
      const claims = ends.done.map(({ claim }) => claim)
      news = (await finishObjects(pool.lazily, owner, claims)).some((one) => one.news)
    } catch (error) {
      ends = { done: [], failed: new Map([...runs.keys()].map((run) => [run, error])) }
    }
    const done = new Set(ends.done.map(({ claim }) => claim))
    for (const { member, carry: ofMember } of carried) {
      if (done.has(member.claim)) ofMember.done()
      ofMember.end()
    }
    const release = ({ claim, lease }: Claimed) => {
      lease.release()
      held.count(link, claim, -1)
    }
    for (const run of ends.done) release(runs.get(run) as Claimed)
    await forEachOf([...ends.failed], givenBackAtOnce, async ([run, error]) => {
      await giveBack(error, run)
      release(runs.get(run) as Claimed)
    })
    if (news || held.isHungry(link)) wake()
    const ended = new Set([...ends.done, ...ends.failed.keys()])
    await Promise.all([...runs].flatMap(([run, member]) => (ended.has(run) ? [] : work(member, place))))
  }

  function begin(one: Promise<void>): void {
    const begun = one.finally(() => running.delete(begun))
    running.add(begun)
  }
  return {
    start(claims, place) {
      const { link, masterAway } = place
      for (const { claim } of claims) held.count(link, claim, 1)
      const bulk = isOfMaster(link) || masterAway ? [] : claims.filter(isPlain)
      const plain = new Set(bulk)
      for (let i = 0; i < bulk.length; i += limits.together)
        begin(workTogether(bulk.slice(i, i + limits.together), place))
      for (const claimed of claims) if (!plain.has(claimed)) begin(work(claimed, place))
    },
    settled: () => Promise.all(running),
  }
}
