// Works on claimed keys, each under its lease and in its turn on its link, and gives them back as it ended.
import { type ClaimedObject, type GiveBack, giveBackObject, keepUntold } from '../../db/copies/object-claims.ts'
import type { CallFailure } from '../../domain/trouble/trouble.ts'
import { StorageError } from '../../storage/storage-error.ts'
import { backoffMs } from '../backoff.ts'
import { Interrupted } from '../interrupted.ts'
import type { KeyDeps, KeyEnd, KeyRun } from '../keys/key-work.ts'
import { workOnKey } from '../keys/replicate-key.ts'
import type { Reporter } from '../report/reporter.ts'
import { type Limits, smallBytes, type Times } from '../settings.ts'
import { orInterrupted } from '../stores/shared-answers.ts'
import type { HeldKeys } from './held-keys.ts'
import type { Lease } from './leases.ts'
import { createLinkGate, type LinkGate } from './link-gate.ts'

export type ClaimDeps = KeyDeps & {
  readonly owner: string
  readonly limits: Limits
  readonly times: Times
  readonly reporter: Reporter
}

export type ClaimWork = {
  /** `link`: as `linkOf` names it. */
  start(claim: ClaimedObject, lease: Lease, link: string): void
  /** Resolves when no key is worked on any more. */
  settled(): Promise<unknown>
}

/** A large object takes the places of many small ones, so that few of them share what the link can carry. */
const placesOf = ({ size }: ClaimedObject, { perLink, largePerLink }: Limits): number =>
  (size ?? 0) > smallBytes ? Math.ceil(perLink / largePerLink) : 1

/** `wake`: there is room for more keys, or news of this one. */
export function createClaimWork(deps: ClaimDeps & { readonly held: HeldKeys; readonly wake: () => void }): ClaimWork {
  const { pool, statements, log, owner, limits, times, stores, reporter, held, wake } = deps
  const gates = new Map<string, LinkGate>()
  const running = new Set<Promise<void>>()
  let parked = 0

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
    if (pool.isOutage(error)) {
      log.warn({ err: error, bucketId: run.claim.bucketId }, 'a key waits for the database')
      return later(times.idle)
    }
    if (await stores.isOutage(error)) return later(times.storeRetry / 4)
    const wait = backoffMs(run.claim.attempts, times.backoff, times.maxBackoff, Math.random())
    if (!(error instanceof Error)) throw error
    if (!(error instanceof StorageError))
      log.error({ err: error, bucketId: run.claim.bucketId }, 'a key could not be worked on')
    return later(wait, stores.failureOf(error))
  }

  /** Resolves to whether there is news of the key. */
  async function end(claim: ClaimedObject, ended: KeyEnd): Promise<boolean> {
    if (ended.end === 'done') return statements.finish(claim)
    if (ended.end === 'untold') return (await keepUntold(pool.lazily, owner, claim, times.untold / 1000)).news
    const back = { seconds: ended.seconds, failure: null, failed: false, lookAgainSeconds: null }
    await giveBackObject(pool.lazily, owner, claim, back)
    return false
  }

  async function work(claim: ClaimedObject, lease: Lease, link: string): Promise<void> {
    const gate = gateOf(link)
    const moving = reporter.moving(claim)
    const places = placesOf(claim, limits)
    let leave = await gate.enter(claim.bulk, places)
    let news = false
    const run: KeyRun = {
      claim,
      signal: lease.signal,
      abort: lease.abort,
      holds: lease.holds,
      onBytes: moving.add,
      writing: false,
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
      news = await end(claim, await workOnKey(deps, run))
    } catch (error) {
      const back = await giveBackAfter(error, run)
      // Without the database the lease ends by itself.
      await giveBackObject(pool.lazily, owner, claim, back).catch((failure: unknown) => log.warn({ err: failure }))
    } finally {
      lease.release()
      leave()
      held.count(link, claim, -1)
      moving.end()
      if (news || held.isHungry(link)) wake()
    }
  }

  return {
    start(claim, lease, link) {
      held.count(link, claim, 1)
      const one = work(claim, lease, link).finally(() => running.delete(one))
      running.add(one)
    },
    settled: () => Promise.all(running),
  }
}
