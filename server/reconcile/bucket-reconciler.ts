// Level-triggered: a dirty bucket is only a key; its whole state is read, decided and written in one transaction. What was marked
// with many others is decided beside single buckets, and never before them.
import { v7 } from 'uuid'
import type { Wakeups } from '../db/core/notify.ts'
import type { Pool, Tx } from '../db/core/pool.ts'
import { type LoadedBucket, loadBuckets } from '../db/deciding/bucket-states.ts'
import type { Decided } from '../db/deciding/decided.ts'
import { writeDecisions } from '../db/deciding/decisions.ts'
import { type LoadedFleet, loadFleet } from '../db/deciding/fleet-state.ts'
import {
  type BucketEnd,
  type ClaimedBucket,
  claimBuckets,
  finishBuckets,
  nextDueBucket,
  type Turn,
} from '../db/queue/dirty-buckets.ts'
import { decideBucket } from '../domain/decide/decide-bucket.ts'
import type { Decision } from '../domain/decide/decision.ts'
import { differenceOf } from '../domain/decide/difference.ts'
import { keptDecision } from '../domain/decide/kept-decision.ts'
import type { Log } from '../log.ts'
import { startWorkLoop } from '../work-loop.ts'

/** Larger batches cost less a bucket, and hold the lock of route numbers for longer: single changes wait for it. */
const batchSize = 200
/** A decision takes milliseconds; what a killed process had in hand is decided by another one after this. */
const leaseSeconds = 5

/** What the placement of a decided bucket came to; removed: nothing of it was left. */
type DecisionResult = 'placed' | 'degraded' | 'infeasible' | 'removed'

export type DecisionMetrics = {
  /** A decision was committed, so many seconds after its bucket was claimed. */
  decided(result: DecisionResult, seconds: number): void
  /** One could not be taken; it is tried again. */
  failed(): void
}

const resultOfCondition = { PLACED: 'placed', DEGRADED: 'degraded', INFEASIBLE: 'infeasible' } as const
const resultOf = ({ gone, placement }: Decision): DecisionResult =>
  gone ? 'removed' : resultOfCondition[placement.condition]

const outcomeOf = ({ againAfter: seconds }: Decision): BucketEnd =>
  seconds === null ? { kind: 'done' } : { kind: 'after', seconds }

type ClaimEnd = {
  readonly claim: ClaimedBucket
  readonly outcome: BucketEnd
  /** Absent, as the result is: there is no such bucket any more. */
  readonly decided?: Decided
  readonly result?: DecisionResult
}

/** What becomes of a claim, and what is decided of its bucket. */
function endOf(claim: ClaimedBucket, bucket: LoadedBucket | undefined, fleet: LoadedFleet): ClaimEnd {
  if (bucket === undefined) return { claim, outcome: { kind: 'done' } }
  const { state, stored, sources, version, keptId } = bucket
  const decision = decideBucket(state, fleet)
  const kept = {
    content: keptDecision(state, fleet, decision, sources),
    versions: { bucket: version, policies: fleet.version },
    last: keptId,
  }
  const decided = { state, difference: differenceOf(state, stored, decision), intent: claim.intent, kept }
  return { claim, outcome: outcomeOf(decision), decided, result: resultOf(decision) }
}

export type BucketReconciler = { stop(): Promise<void> }

export function startBucketReconciler(deps: {
  pool: Pool
  wakeups: Pick<Wakeups, 'on'>
  log: Log
  /** Default: nobody watches. */
  metrics?: DecisionMetrics
}): BucketReconciler {
  const { pool, wakeups, log, metrics } = deps

  /** Decides these buckets in one transaction. */
  async function decide(owner: string, claims: readonly ClaimedBucket[], claimedAt: number): Promise<void> {
    const results = await pool.transaction((tx) => decideAll(tx, owner, claims), { plansOnce: true })
    for (const result of results) metrics?.decided(result, (performance.now() - claimedAt) / 1000)
  }

  async function decideAll(
    tx: Tx,
    owner: string,
    claims: readonly ClaimedBucket[],
  ): Promise<readonly DecisionResult[]> {
    const fleet = await loadFleet(tx)
    const ids = claims.map((claim) => claim.bucketId)
    const loaded = new Map((await loadBuckets(tx, ids, fleet.globalPolicies)).map((one) => [one.state.id, one]))
    const ends = claims.map((claim) => endOf(claim, loaded.get(claim.bucketId), fleet))
    const decided = ends.flatMap((end) => end.decided ?? [])
    const left = ends.filter((end) => end.decided?.difference.gone !== true)
    await writeDecisions(tx, decided, async () => {
      // Paused for longer than its lease it must not write an old decision over a newer one.
      if ((await finishBuckets(tx, owner, left)) < left.length)
        throw new Error('a lease ran out before the decision was written')
    })
    return ends.flatMap((end) => end.result ?? [])
  }

  /** One bucket that cannot be decided must not hold up the others of its batch. */
  async function decideOneByOne(owner: string, claims: readonly ClaimedBucket[]): Promise<void> {
    for (const claim of claims) {
      try {
        await decide(owner, [claim], performance.now())
      } catch (error) {
        metrics?.failed()
        log.error({ err: error, bucketId: claim.bucketId }, 'a bucket could not be decided')
        await finishBuckets(pool, owner, [{ claim, outcome: { kind: 'retry' } }])
      }
    }
  }

  /** Leases have an owner for each turn: what an owner holds when it claims is what it failed with. */
  function startTurn(turn: Turn, after: () => void) {
    const owner = v7()
    return startWorkLoop({
      onError: (error) => log.error({ err: error }, 'the bucket reconciler failed'),
      async step() {
        const claims = await claimBuckets(pool, owner, batchSize, leaseSeconds, turn)
        if (claims.length === 0) return nextDueBucket(pool, turn)
        await decide(owner, claims, performance.now()).catch(() => decideOneByOne(owner, claims))
        after()
        return 0
      },
    })
  }
  const single = startTurn('single', () => undefined)
  // One of many that was marked by itself while it was decided is single from then on.
  const bulk = startTurn('bulk', () => single.wake())
  const off = wakeups.on('bucket', () => {
    single.wake()
    bulk.wake()
  })
  return {
    async stop() {
      off()
      await Promise.all([single.stop(), bulk.stop()])
    },
  }
}
