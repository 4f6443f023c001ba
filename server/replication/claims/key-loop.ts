// Claims dirty keys as there is room and works on them, each under its lease.
import {
  type ClaimedObject,
  claimObjects,
  type DuePair,
  findDuePairs,
  finishObject,
  type GiveBack,
  giveBackObject,
  nextDueObject,
  type PairPlace,
  renewObjects,
} from '../../db/copies/object-claims.ts'
import type { CallFailure } from '../../domain/trouble/trouble.ts'
import { StorageError } from '../../storage/storage-error.ts'
import { startWorkLoop, type WorkLoop } from '../../work-loop.ts'
import { backoffMs } from '../backoff.ts'
import { Interrupted } from '../interrupted.ts'
import type { KeyDeps, KeyEnd, KeyRun } from '../keys/key-work.ts'
import { workOnKey } from '../keys/replicate-key.ts'
import type { Reporter } from '../report/reporter.ts'
import type { Limits, Times } from '../settings.ts'
import { orInterrupted } from '../stores/shared-answers.ts'
import { createLeases, type Lease } from './leases.ts'
import { createLinkGate, type LinkGate } from './link-gate.ts'
import { type Held, holdMore, linkOf, nothingHeld, planClaims } from './plan-claims.ts'

/** Pairs per store that one claim chooses from. */
const pairsPerStore = 200
/** Between two pages of which nothing could be claimed: what is behind them may be well. */
const nextPageSeconds = 0.02

export type KeyLoop = { stop(): Promise<void> }

export function startKeyLoop(
  deps: KeyDeps & {
    readonly owner: string
    readonly limits: Limits
    readonly times: Times
    readonly reporter: Reporter
  },
): KeyLoop {
  const { pool, log, owner, limits, times, stores, reporter } = deps
  const seconds = times.lease / 1000
  const held = { onLink: new Map<string, Held>(), atStore: new Map<string, Held>() }
  const gates = new Map<string, LinkGate>()
  const after = new Map<string, PairPlace>()
  const running = new Set<Promise<void>>()
  const stopping = new AbortController()
  let parked = 0
  const idOf = (id: { bucketId: string; storageId: string; key: string }) => `${id.bucketId} ${id.storageId} ${id.key}`
  const leases = createLeases<ClaimedObject>({
    times,
    onError: (error) => log.warn({ err: error }, 'leases of keys could not be prolonged'),
    async renew(rows) {
      const still = new Set((await renewObjects(pool, { owner, seconds }, rows)).map(idOf))
      return (row) => (still.has(idOf(row)) ? 'held' : new Interrupted('lease'))
    },
  })

  function count(link: string, { initial }: ClaimedObject, by: number): void {
    held.onLink.set(link, holdMore(held.onLink.get(link) ?? nothingHeld, initial, by))
    for (const id of new Set(link.split(' ')))
      held.atStore.set(id, holdMore(held.atStore.get(id) ?? nothingHeld, initial, by))
  }
  const isHungry = (link: string): boolean => {
    const { events, bulk } = held.onLink.get(link) ?? nothingHeld
    return events + bulk <= limits.perLink
  }
  function gateOf(link: string): LinkGate {
    const gate = gates.get(link) ?? createLinkGate(limits)
    gates.set(link, gate)
    return gate
  }

  /** How a failure is answered, in one place. */
  async function giveBackAfter(error: unknown, run: KeyRun): Promise<GiveBack> {
    const later = (waitMs: number, failure: CallFailure | null = null): GiveBack => ({
      seconds: waitMs / 1000,
      failure,
      failed: failure !== null,
      lookAgainSeconds: run.writing ? times.lateWrite / 1000 : null,
    })
    const reason: unknown = run.signal.aborted ? run.signal.reason : error
    if (reason instanceof Interrupted) return later(reason.reason === 'not-allowed' ? times.guard : 0)
    if (await stores.isOutage(error)) return later(times.storeRetry / 4)
    const wait = backoffMs(run.claim.attempts, times.backoff, times.maxBackoff, Math.random())
    if (!(error instanceof Error)) throw error
    if (!(error instanceof StorageError))
      log.error({ err: error, bucketId: run.claim.bucketId }, 'a key could not be worked on')
    return later(wait, stores.failureOf(error))
  }

  async function end(run: KeyRun, ended: KeyEnd): Promise<boolean> {
    if (ended.end === 'done') return (await finishObject(pool.lazily, owner, run.claim)).news
    const back = { seconds: ended.seconds, failure: null, failed: false, lookAgainSeconds: null }
    await giveBackObject(pool.lazily, owner, run.claim, back)
    return false
  }

  async function work(claim: ClaimedObject, lease: Lease, link: string): Promise<void> {
    const gate = gateOf(link)
    const moving = reporter.moving(claim)
    let leave = await gate.enter(claim.initial)
    let news = false
    const run: KeyRun = {
      claim,
      signal: lease.signal,
      abort: lease.abort,
      onBytes: moving.add,
      writing: false,
      async park(waiting) {
        if (parked >= limits.parked) return orInterrupted(waiting, lease.signal)
        parked++
        leave()
        count(link, claim, -1)
        loop.wake()
        try {
          return await orInterrupted(waiting, lease.signal)
        } finally {
          parked--
          count(link, claim, 1)
          leave = await gate.enter(claim.initial)
        }
      },
    }
    try {
      lease.signal.throwIfAborted()
      news = await end(run, await workOnKey(deps, run))
    } catch (error) {
      const back = await giveBackAfter(error, run)
      // Without the database the lease ends by itself.
      await giveBackObject(pool.lazily, owner, claim, back).catch((failure: unknown) => log.warn({ err: failure }))
    } finally {
      lease.release()
      leave()
      count(link, claim, -1)
      moving.end()
      if (news || isHungry(link)) loop.wake()
    }
  }

  function start(claims: readonly ClaimedObject[], pairs: readonly DuePair[], sentAt: number): void {
    const masters = new Map(pairs.map((pair) => [pair.bucketId, pair.masterStorageId]))
    for (const claim of claims) {
      const link = linkOf({
        masterStorageId: masters.get(claim.bucketId) ?? claim.storageId,
        storageId: claim.storageId,
      })
      count(link, claim, 1)
      const one = work(claim, leases.hold(claim, sentAt), link).finally(() => running.delete(one))
      running.add(one)
    }
  }

  /** A store with more pairs than one scan sees goes on behind the last one at the next turn. */
  function turnPlaces(pairs: readonly DuePair[]): boolean {
    after.clear()
    for (const [storageId, ofStore] of Map.groupBy(pairs, (pair) => pair.storageId)) {
      const last = ofStore[pairsPerStore - 1]
      if (last !== undefined) after.set(storageId, last)
    }
    return after.size > 0
  }

  const loop: WorkLoop = startWorkLoop({
    idleMs: times.idle,
    onError: (error) => log.warn({ err: error }, 'dirty keys could not be claimed'),
    async step() {
      if (stopping.signal.aborted) return undefined
      const pairs = await findDuePairs(pool, { after, limit: pairsPerStore })
      const more = turnPlaces(pairs)
      const room = { limits, heldOnLink: held.onLink, heldAtStore: held.atStore, broken: stores.broken() }
      const { picks, tried } = planClaims(pairs, room)
      stores.tried(tried)
      const sentAt = performance.now()
      const lease = { owner, seconds, lookAgainSeconds: times.lateWrite / 1000 }
      const claims = await claimObjects(pool, lease, picks)
      start(claims, pairs, sentAt)
      if (more) return claims.length > 0 ? 0 : nextPageSeconds
      return nextDueObject(pool)
    },
  })
  const off = deps.wakeups.on('object', () => loop.wake())
  const offTask = deps.wakeups.on('task', () => loop.wake())

  return {
    async stop() {
      off()
      offTask()
      stopping.abort()
      await loop.stop()
      const timer = setTimeout(() => leases.abortAll(new Interrupted('stopping')), times.stop)
      await Promise.all(running)
      clearTimeout(timer)
      leases.stop()
    },
  }
}
