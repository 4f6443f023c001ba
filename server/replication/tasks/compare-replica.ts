// Compares a replica as a whole: the master's listing, the journal and the replica's listing side by side. It changes
// nothing on any store; keys that may differ are marked and then looked at one by one.

import type { BucketFacts, ReplicaFacts } from '../../db/copies/copies.ts'
import { countOurs } from '../../db/copies/journal-counts.ts'
import type { MoverPolicies } from '../../db/copies/mover-policies.ts'
import { type JournalEntry, readJournal } from '../../db/copies/read-journal.ts'
import type { Pool } from '../../db/core/pool.ts'
import { type FoundKey, type MarkPlace, markFound } from '../../db/queue/dirty-objects.ts'
import { headHidden, mayBeHidden } from '../../storage/hidden-keys.ts'
import type { ListedObject } from '../../storage/storage-values.ts'
import { forEachOf } from '../for-each-of.ts'
import { diffHidden, diffKey } from '../keys/diff-key.ts'
import { evidenceOf } from '../stores/master-evidence.ts'
import type { Store } from '../stores/stores.ts'
import { batched } from './batched.ts'
import { brakeLimit, isBraked } from './brake.ts'
import type { LookWalk } from './checkpoints.ts'
import { collectDoomed } from './doomed-keys.ts'
import { knownSince, lastWhole, type MasterLook } from './master-listing.ts'
import { mergeJoin } from './merge-join.ts'
import type { TaskDeps } from './task-work.ts'
import { beginTurn, lookWhole, type Turn, type TurnEnd } from './whole-compare.ts'

export type Amount = { readonly objects: number; readonly bytes: number }

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
/** A key that the listings lack, though they may only hide it. */
type Suspect = { readonly journal: JournalEntry; readonly inReplica: boolean }
type Options = {
  /** It is the first sync: the keys that it marks are bulk, and known only now. */
  readonly bulk: boolean
  readonly allowDeletes: boolean
  /** Of a look that begins. */
  readonly turn: () => Turn | Promise<Turn>
  readonly policies: MoverPolicies
  readonly signal: AbortSignal
}

const none: Amount = { objects: 0, bytes: 0 }

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

/**
 * Null: deletes were found, and none of them marked or counted, for this look may not decide about them: its master must be judged
 * before, or it went on where another run was cut off, and they are counted from the first key on.
 */
export async function compareReplica(deps: TaskDeps, subject: Subject, options: Options): Promise<Comparison | null> {
  const { bucket, replica, master, store, look, walk } = subject
  const { bulk, allowDeletes, policies, signal } = options
  const { perTask } = deps.limits
  const masterPlace = { driver: master.driver, bucket: bucket.masterBucket }
  const replicaPlace = { driver: store.driver, bucket: replica.bucketName }
  const ours = await countOurs(deps.pool, replica.id)
  const doomed = collectDoomed(allowDeletes ? Number.POSITIVE_INFINITY : brakeLimit(ours, policies.deleteBrake))
  const foundBefore = walk.before?.found ?? none
  const found = collectFound(deps.pool, { bucketId: bucket.id, storageIds: [replica.storageId], bulk }, foundBefore)
  const turn = beginTurn(walk.before?.turn ?? (await options.turn()))
  const inMaster = { ...(walk.before?.inMaster ?? none) }

  const since = (lastModified: number | null) => knownSince(replica.verifiedAt, lastModified, look)
  const goneSince = lastWhole(bucket, replica.verifiedAt)
  /** A size says what is to be copied. */
  const mark = (key: string, size: number | null, lastModified: number | null) =>
    found.add({ key, size, since: bulk ? null : since(lastModified), mayDelete: false })

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
  /** Equal as far as listings tell: those whose turn it is are looked at themselves. */
  const equal = batched((batch: readonly JournalEntry[]) =>
    forEachOf(batch, perTask, async (journal) => {
      const { source, whole } = await lookWhole(masterPlace, replicaPlace, journal, signal)
      // Nothing tells when it changed: it is known from now on.
      if (!whole) await found.add({ key: journal.key, size: source?.size ?? null, since: null, mayDelete: false })
    }),
  )

  async function settle(): Promise<void> {
    await equal.flush()
    await suspects.flush()
    await found.flush()
  }
  const mayDecide = () => walk.before === null || doomed.count() === 0

  const from = { signal, ...walk.from }
  const joined = mergeJoin<ListedObject, JournalEntry, ListedObject>(
    master.driver.list(bucket.masterBucket, from),
    readJournal(deps.pool, replica.id, walk.startedAt, walk.from.startAfter),
    store.driver.list(replica.bucketName, from),
  )
  const steps = walk.steps(joined, {
    isClean: () => doomed.count() === 0,
    settle,
    sums: () => ({ found: found.amount(), inMaster, turn: turn.rest() }),
  })
  for await (const { key, a: listed, b: journal, c: copy } of steps) {
    signal.throwIfAborted()
    if (!mayDecide()) return null
    if (listed !== undefined) {
      inMaster.objects++
      inMaster.bytes += listed.size
    }
    // A dirty key is looked at anyway. But deletes of which nobody told are counted together, dirty or not: else a hundred
    // that are looked at one after the other would pass the brake one by one.
    if (journal?.waiting === true && !bulk && (journal.deleteTold || listed !== undefined)) continue
    const finding = diffKey(listed, journal, copy)
    const hidden = journal?.state === 'there' && copy === undefined && mayBeHidden(key)
    if (finding === 'same') {
      if (listed !== undefined && journal !== undefined && copy !== undefined && turn.takes(key))
        await equal.add(journal)
    } else if (finding === 'look' && !hidden) {
      const isTaken = journal === undefined && copy !== undefined
      await mark(key, isTaken ? null : (listed?.size ?? null), listed?.lastModified ?? null)
    }
    // What was written since the listing began cannot be missing in it.
    else if (journal?.older === true) await suspects.add({ journal, inReplica: copy !== undefined })
  }
  await settle()
  if (!mayDecide()) return null
  if (doomed.count() > 0 && (await evidenceOf(deps, bucket.id, master, signal)).evidence === 'away') return null
  const braked = !allowDeletes && isBraked(doomed.count(), ours, policies.deleteBrake)
  if (!braked) for (const key of doomed.kept()) await found.add(key)
  await found.flush()
  return { found: found.amount(), inMaster, braked: braked ? doomed.count() : 0, turn: turn.end() }
}
