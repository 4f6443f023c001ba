// Level-triggered: a dirty bucket is only a key; its whole state is read, decided and written in one transaction.
import { loadBucketStates } from '../db/bucket-states.ts'
import { writeDecision } from '../db/decisions.ts'
import { type ClaimedBucket, claimBuckets, finishBucket, nextDueBucket, type Outcome } from '../db/dirty-buckets.ts'
import { loadFleet } from '../db/fleet-state.ts'
import type { Wakeups } from '../db/notify.ts'
import type { Pool, Sql } from '../db/pool.ts'
import { decideBucket } from '../domain/decide-bucket.ts'
import type { Log } from '../log.ts'
import { startWorkLoop } from '../work-loop.ts'

const batchSize = 32
const leaseSeconds = 30

export type BucketReconciler = { stop(): Promise<void> }

export function startBucketReconciler(deps: {
  pool: Pool
  wakeups: Wakeups
  log: Log
  /** This process, as the owner of leases. */
  owner: string
}): BucketReconciler {
  const { pool, wakeups, log, owner } = deps

  /** Decides these buckets in one transaction; what others must know is told after the commit. */
  async function decide(claims: readonly ClaimedBucket[]): Promise<void> {
    const told = await pool.transaction(async (sql) => decideAll(sql, claims))
    if (told.route) wakeups.wake('route')
    if (told.tasks) wakeups.wake('task')
    wakeups.wake('event')
  }

  async function decideAll(sql: Sql, claims: readonly ClaimedBucket[]) {
    const fleet = await loadFleet(sql)
    const ids = claims.map((claim) => claim.bucketId)
    const states = new Map((await loadBucketStates(sql, ids, fleet.globalPolicies)).map((state) => [state.id, state]))
    const told = { route: false, tasks: false }
    for (const claim of claims) {
      const state = states.get(claim.bucketId)
      let outcome: Outcome = { kind: 'done' }
      if (state !== undefined) {
        const decision = decideBucket(state, fleet)
        const written = await writeDecision(sql, state, decision, claim.intent)
        told.route ||= written.route
        told.tasks ||= written.tasks
        if (decision.againAfter !== null) outcome = { kind: 'after', seconds: decision.againAfter }
      }
      await finishBucket(sql, owner, claim, outcome)
    }
    return told
  }

  /** One bucket that cannot be decided must not hold up the others of its batch. */
  async function decideOneByOne(claims: readonly ClaimedBucket[]): Promise<void> {
    for (const claim of claims) {
      try {
        await decide([claim])
      } catch (error) {
        log.error({ err: error, bucketId: claim.bucketId }, 'a bucket could not be decided')
        await finishBucket(pool, owner, claim, { kind: 'retry' })
      }
    }
  }

  const loop = startWorkLoop({
    onError: (error) => log.error({ err: error }, 'the bucket reconciler failed'),
    async step() {
      const claims = await claimBuckets(pool, owner, batchSize, leaseSeconds)
      if (claims.length === 0) return nextDueBucket(pool)
      await decide(claims).catch(() => decideOneByOne(claims))
      return 0
    },
  })
  const off = wakeups.on('bucket', () => loop.wake())
  return {
    async stop() {
      off()
      await loop.stop()
    },
  }
}
