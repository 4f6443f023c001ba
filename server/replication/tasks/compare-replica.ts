// Compares a replica as a whole: the master's listing, the journal and the replica's listing side by side. It changes
// nothing on any store; keys that may differ are marked and then looked at one by one.
import type { BucketFacts, ReplicaFacts } from '../../db/copies/copies.ts'
import { countOurs, type JournalEntry, readJournal } from '../../db/copies/journal.ts'
import type { MoverPolicies } from '../../db/copies/mover-policies.ts'
import { type FoundKey, markFound } from '../../db/queue/dirty-objects.ts'
import { compareKeys } from '../../storage/compare-keys.ts'
import type { ListedObject } from '../../storage/storage-driver.ts'
import { diffKey } from '../keys/diff-key.ts'
import type { Store } from '../stores/stores.ts'
import { brakeLimit, isBraked } from './brake.ts'
import { knownSince, type MasterLook } from './master-listing.ts'
import { mergeJoin } from './merge-join.ts'
import { forEachOf, type TaskDeps } from './task-work.ts'
import { lookWhole, type Turn, type TurnEnd } from './whole-compare.ts'

export type Comparison = {
  /** Keys that were marked. */
  readonly found: number
  readonly foundBytes: number
  readonly masterObjects: number
  readonly masterBytes: number
  /** Deletes that wait for an order; then none of them was marked. */
  readonly braked: number
  readonly turn: TurnEnd
}

type Subject = {
  readonly bucket: BucketFacts
  readonly replica: ReplicaFacts
  readonly master: Store
  readonly store: Store
  readonly look: MasterLook
}
/** A key that the listings lack, though they may only hide it. */
type Suspect = { readonly journal: JournalEntry; readonly inReplica: boolean }
type Options = {
  /** Keys that are marked belong to the first sync. */
  readonly initial: boolean
  readonly allowDeletes: boolean
  readonly turn: Turn
  readonly policies: MoverPolicies
  readonly signal: AbortSignal
}

const markAtOnce = 500

/** A listing of MinIO hides `f/g` where there is an object `f`. */
const mayBeHidden = (key: string) => key.includes('/')

export async function compareReplica(deps: TaskDeps, subject: Subject, options: Options): Promise<Comparison> {
  const { bucket, replica, master, store, look } = subject
  const { initial, signal, turn } = options
  const { pool } = deps
  const ours = await countOurs(pool, replica.id)
  const limit = options.allowDeletes ? Number.POSITIVE_INFINITY : brakeLimit(ours, options.policies.deleteBrake)
  const figures = { found: 0, foundBytes: 0, masterObjects: 0, masterBytes: 0 }
  const at = { bucketId: bucket.id, storageIds: [replica.storageId], initial }
  let marks: FoundKey[] = []
  let suspects: Suspect[] = []
  let equal: JournalEntry[] = []
  let looked = 0
  let lastLooked: string | null = null
  const deletes: FoundKey[] = []
  let deleteCount = 0

  async function flush(): Promise<void> {
    const now = marks
    marks = []
    await markFound(pool, at, now)
  }
  function mark(key: string, size: number | null, lastModified: number | null): void {
    const since = initial ? null : knownSince(replica.verifiedAt, lastModified, look)
    marks.push({ key, size, since, mayDelete: false })
    figures.found++
    figures.foundBytes += size ?? 0
  }
  /** Those that the stores have, though their listings do not say so, are as they should be, or looked at. */
  async function checkSuspects(): Promise<void> {
    const now = suspects
    suspects = []
    await forEachOf(now, deps.limits.perTask, async ({ journal: { key, size, sourceEtag, targetEtag }, inReplica }) => {
      const hidden = mayBeHidden(key)
      const head = hidden ? await master.driver.head(bucket.masterBucket, key, { signal }) : null
      const copy = hidden ? await store.driver.head(replica.bucketName, key, { signal }) : null
      if (head !== null) {
        if (head.etag !== sourceEtag || copy?.etag !== targetEtag) mark(key, head.size, head.lastModified)
      } else if (inReplica || copy !== null) {
        deleteCount++
        // Beyond the limit they only count.
        if (deletes.length <= limit)
          deletes.push({ key, size, since: knownSince(replica.verifiedAt, null, look), mayDelete: true })
      } else mark(key, size, null)
    })
  }

  /** Equal as far as listings tell: those whose turn it is are looked at themselves. */
  async function checkEqual(): Promise<void> {
    const now = equal
    equal = []
    const at = [
      { driver: master.driver, bucket: bucket.masterBucket },
      { driver: store.driver, bucket: replica.bucketName },
    ] as const
    await forEachOf(now, deps.limits.perTask, async (journal) => {
      const { source, whole } = await lookWhole(...at, journal, signal)
      if (whole) return
      // Nothing tells when it changed: it is known from now on.
      marks.push({ key: journal.key, size: source?.size ?? null, since: null, mayDelete: false })
      figures.found++
      figures.foundBytes += source?.size ?? 0
    })
  }
  const isItsTurn = (key: string) => looked < turn.most && (turn.after === null || compareKeys(turn.after, key) < 0)

  const joined = mergeJoin<ListedObject, JournalEntry, ListedObject>(
    master.driver.list(bucket.masterBucket, { signal }),
    readJournal(pool, replica.id, look.startedAt),
    store.driver.list(replica.bucketName, { signal }),
  )
  for await (const { key, a: listed, b: journal, c: copy } of joined) {
    if (listed !== undefined) {
      figures.masterObjects++
      figures.masterBytes += listed.size
    }
    // A dirty key is looked at anyway. But deletes of which nobody told are counted together, dirty or not: else a hundred
    // that are looked at one after the other would pass the brake one by one.
    if (journal?.waiting === true && !initial && (journal.deleteTold || listed !== undefined)) continue
    const finding = diffKey(listed, journal, copy)
    const hidden = journal?.state === 'there' && copy === undefined && mayBeHidden(key)
    if (finding === 'same' && listed !== undefined && journal !== undefined && copy !== undefined && isItsTurn(key)) {
      equal.push(journal)
      looked++
      lastLooked = key
    }
    if (finding === 'look' && !hidden) mark(key, listed?.size ?? null, listed?.lastModified ?? null)
    // What was written since the listing began cannot be missing in it.
    else if (finding !== 'same' && journal?.older === true) suspects.push({ journal, inReplica: copy !== undefined })
    if (equal.length >= markAtOnce) await checkEqual()
    if (suspects.length >= markAtOnce) await checkSuspects()
    if (marks.length >= markAtOnce) await flush()
    signal.throwIfAborted()
  }
  await checkEqual()
  await checkSuspects()
  const braked = !options.allowDeletes && isBraked(deleteCount, ours, options.policies.deleteBrake)
  if (!braked) {
    marks.push(...deletes)
    figures.found += deletes.length
  }
  await flush()
  const ended = looked < turn.most
  const turned = { key: ended ? null : (lastLooked ?? turn.after), since: turn.since, ended }
  return { ...figures, braked: braked ? deleteCount : 0, turn: turned }
}
