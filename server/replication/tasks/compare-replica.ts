// Compares a replica as a whole: the master's listing, the journal and the replica's listing side by side. It changes
// nothing on any store; keys that may differ are marked and then looked at one by one.

import type { BucketFacts, ReplicaFacts } from '../../db/copies/copies.ts'
import { countOurs } from '../../db/copies/journal-counts.ts'
import type { MoverPolicies } from '../../db/copies/mover-policies.ts'
import { type JournalEntry, readJournal } from '../../db/copies/read-journal.ts'
import type { Pool } from '../../db/core/pool.ts'
import { type FoundKey, type MarkPlace, markFound } from '../../db/queue/dirty-objects.ts'
import { type Amount, nothing } from '../../domain/forecast/amount.ts'
import { headHidden } from '../../storage/hidden-keys.ts'
import type { ListedObject } from '../../storage/storage-values.ts'
import { forEachOf } from '../for-each-of.ts'
import { diffHidden } from '../keys/diff-key.ts'
import { evidenceOf } from '../stores/master-evidence.ts'
import type { Store } from '../stores/stores.ts'
import { batched } from './batched.ts'
import { brakeLimit, isBraked } from './brake.ts'
import type { LookWalk } from './checkpoints.ts'
import { collectDoomed } from './doomed-keys.ts'
import { judgeListed, type ListedFinding } from './listed-key.ts'
import { knownSince, lastWhole, type MasterLook } from './master-listing.ts'
import { mergeJoin } from './merge-join.ts'
import type { TaskDeps } from './task-work.ts'
import { beginTurn, lookWhole, type Turn, type TurnEnd } from './whole-compare.ts'

export type Comparison = {
  /** Keys that were marked. */
  readonly found: Amount
  readonly inMaster: Amount
  /** Deletes that wait for an order; then none of them was marked. */
  readonly braked: number
  readonly turn: TurnEnd
}
/** Of the runs of a look so far, as checkpoints keep it: a change of it raises their `shape`. */
export type ReplicaSums = Pick<Comparison, 'found' | 'inMaster'> & { readonly turn: Turn }

type Subject = {
  readonly bucket: BucketFacts
  readonly replica: ReplicaFacts
  readonly master: Store
  readonly store: Store
  readonly look: Pick<MasterLook, 'aheadMs'>
  readonly walk: LookWalk<ReplicaSums>
}
type Suspect = Extract<ListedFinding, { is: 'suspect' }>
type Options = {
  /** It is the first sync: the keys that it marks are bulk, and known only now. */
  readonly bulk: boolean
  readonly allowDeletes: boolean
  /** Of a look that begins. */
  readonly turn: () => Turn | Promise<Turn>
  readonly policies: MoverPolicies
  readonly signal: AbortSignal
}

/** Marks keys, many at once, and counts them. */
function collectFound(pool: Pool, place: MarkPlace, before: Amount) {
  let { objects, bytes } = before
  const marks = batched<FoundKey>(async (batch) => void (await markFound(pool, place, batch)))
  return {
    async add(key: FoundKey): Promise<void> {
      objects++
      bytes += key.size ?? 0
      await marks.add(key)
    },
    flush: marks.flush,
    amount: (): Amount => ({ objects, bytes }),
  }
}

/** What is done about what is found: keys are marked, the stores asked for those that listings may hide, deletes counted. */
async function createFindings(
  deps: TaskDeps,
  { bucket, replica, master, store, look, walk }: Subject,
  { bulk, allowDeletes, turn: newTurn, policies, signal }: Options,
) {
  const { perTask } = deps.limits
  const [masterPlace, replicaPlace] = [
    { driver: master.driver, bucket: bucket.masterBucket },
    { driver: store.driver, bucket: replica.bucketName },
  ]
  const ours = await countOurs(deps.pool, replica.id)
  const doomed = collectDoomed(allowDeletes ? Number.POSITIVE_INFINITY : brakeLimit(ours, policies.deleteBrake))
  const foundBefore = walk.before?.found ?? nothing
  const found = collectFound(deps.pool, { bucketId: bucket.id, storageIds: [replica.storageId], bulk }, foundBefore)
  const turn = beginTurn(walk.before?.turn ?? (await newTurn()))
  const goneSince = lastWhole(bucket, replica.verifiedAt)

  function mark(key: string, size: number | null, lastModified: number | null): Promise<void> {
    const since = bulk ? null : knownSince(replica.verifiedAt, lastModified, look)
    return found.add({ key, size, since, mayDelete: false })
  }
  /** Those that the stores have, though their listings do not say so, are as they should be, or looked at. */
  const suspects = batched((batch: readonly Suspect[]) =>
    forEachOf(batch, perTask, async ({ journal, inReplica }) => {
      const { key, size } = journal
      const source = await headHidden(master.driver, bucket.masterBucket, key, signal)
      const target = await headHidden(store.driver, replica.bucketName, key, signal)
      const finding = diffHidden(source, journal, target, inReplica)
      if (finding === 'delete') doomed.add({ key, size, since: goneSince })
      else if (finding === 'look') await mark(key, source?.size ?? size, source?.lastModified ?? null)
    }),
  )
  /** Those whose turn it is are looked at themselves. */
  const equal = batched((batch: readonly JournalEntry[]) =>
    forEachOf(batch, perTask, async (journal) => {
      const { source, whole } = await lookWhole(masterPlace, replicaPlace, journal, signal)
      // Nothing tells when it changed: it is known from now on.
      if (!whole) await found.add({ key: journal.key, size: source?.size ?? null, since: null, mayDelete: false })
    }),
  )

  return {
    async take(key: string, finding: ListedFinding): Promise<void> {
      switch (finding.is) {
        case 'nothing':
          return
        case 'equal':
          return turn.takes(key) ? equal.add(finding.journal) : undefined
        case 'look':
          return mark(key, finding.size, finding.lastModified)
        case 'suspect':
          return suspects.add(finding)
      }
    },
    doomed: doomed.count,
    amount: found.amount,
    restOfTurn: turn.rest,
    async settle(): Promise<void> {
      await equal.flush()
      await suspects.flush()
      await found.flush()
    },
    /** All was compared: deletes are marked, or held by the brake. */
    async end(): Promise<Pick<Comparison, 'found' | 'braked' | 'turn'>> {
      const isHeld = !allowDeletes && isBraked(doomed.count(), ours, policies.deleteBrake)
      if (!isHeld) for (const key of doomed.kept()) await found.add(key)
      await found.flush()
      return { found: found.amount(), braked: isHeld ? doomed.count() : 0, turn: turn.end() }
    },
  }
}

/**
 * Null: deletes were found, and none of them marked or counted, for this look may not decide about them: its master must be judged
 * before, or it went on where another run was cut off, and they are counted from the first key on.
 */
export async function compareReplica(deps: TaskDeps, subject: Subject, options: Options): Promise<Comparison | null> {
  const { bucket, replica, master, store, walk } = subject
  const { bulk, signal } = options
  const findings = await createFindings(deps, subject, options)
  const inMaster = { ...(walk.before?.inMaster ?? nothing) }
  const mayDecide = () => walk.before === null || findings.doomed() === 0

  const from = { signal, ...walk.from }
  const joined = mergeJoin<ListedObject, JournalEntry, ListedObject>(
    master.driver.list(bucket.masterBucket, from),
    readJournal(deps.pool, replica.id, walk.startedAt, walk.from.startAfter),
    store.driver.list(replica.bucketName, from),
  )
  const steps = walk.steps(joined, {
    isClean: () => findings.doomed() === 0,
    settle: findings.settle,
    sums: () => ({ found: findings.amount(), inMaster, turn: findings.restOfTurn() }),
  })
  for await (const listed of steps) {
    signal.throwIfAborted()
    if (!mayDecide()) return null
    inMaster.objects += listed.a === undefined ? 0 : 1
    inMaster.bytes += listed.a?.size ?? 0
    await findings.take(listed.key, judgeListed(listed, bulk))
  }
  await findings.settle()
  if (!mayDecide()) return null
  if (findings.doomed() > 0 && (await evidenceOf(deps, bucket.id, master, signal)).evidence === 'away') return null
  return { inMaster, ...(await findings.end()) }
}
