// Whether a master went backwards, before anything of it is believed: its whole listing against what FaDO saw there. It changes
// nothing, neither on a store nor of what is recorded.
import type { BucketFacts } from '../../db/copies/copies.ts'
import type { MoverPolicies } from '../../db/copies/mover-policies.ts'
import { type NewestSeen, readNewestSeen, summarizeRecords, toldDeleted } from '../../db/copies/object-records.ts'
import {
  type Backslide,
  type FoundRegress,
  isOlder,
  isRegressed,
  isWrittenSince,
  mostSamples,
  type RegressedObject,
} from '../../domain/replica/regress.ts'
import { headHidden } from '../../storage/hidden-keys.ts'
import type { MasterEvidence } from '../stores/master-evidence.ts'
import type { Store } from '../stores/stores.ts'
import { batched } from './batched.ts'
import { isBraked } from './brake.ts'
import { isRecorded } from './compare-master.ts'
import { type MasterLook, storeBegan } from './master-listing.ts'
import { mergeJoin } from './merge-join.ts'
import type { TaskDeps } from './task-work.ts'

type Subject = {
  readonly bucket: BucketFacts
  readonly master: Store
  readonly look: MasterLook
  readonly evidence: MasterEvidence
  readonly keepsVersions: boolean
  readonly policies: Pick<MoverPolicies, 'deleteBrake'>
}

/** Counts what became of the objects that were seen. */
function createTally() {
  let [known, missing, older] = [0, 0, 0]
  let newestKept: number | null = null
  let oldestLost: number | null = null
  const samples: RegressedObject[] = []
  function lose(object: RegressedObject): void {
    oldestLost = Math.min(oldestLost ?? object.seen, object.seen)
    if (samples.length < mostSamples) samples.push(object)
  }
  return {
    keep(seen: number): void {
      known++
      newestKept = Math.max(newestKept ?? seen, seen)
    },
    rewritten: () => void known++,
    miss(key: string, seen: number): void {
      known++
      missing++
      lose({ key, seen, now: null })
    },
    age(object: RegressedObject): void {
      known++
      older++
      lose(object)
    },
    found: (): Backslide => ({ known, missing, older, newestKept, oldestLost }),
    samples: (): readonly RegressedObject[] => samples.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
  }
}

/** `regress` null: it did not go backwards, as far as can be told. `same`: all is as it is recorded, and nothing else is there. */
export type Judgement = { readonly regress: FoundRegress | null; readonly same: boolean }

/** One that went backwards is judged so until nothing of it is lost any more. */
export async function judgeMaster(deps: TaskDeps, subject: Subject, signal: AbortSignal): Promise<Judgement> {
  const { bucket, master, look, evidence, keepsVersions, policies } = subject
  const processStartedAt = storeBegan(look, evidence)
  const tally = createTally()
  const missing = batched<NewestSeen>(async (batch) => {
    const keys = batch.map(({ key }) => key)
    const told = await toldDeleted(deps.pool, bucket.id, keys)
    for (const { key, newest } of batch) if (!told.has(key)) tally.miss(key, newest)
  })
  let same = true
  const listing = master.driver.list(bucket.masterBucket, { signal })
  for await (const { key, a: listed, b: seen } of mergeJoin(listing, readNewestSeen(deps.pool, bucket.id))) {
    signal.throwIfAborted()
    same &&= listed !== undefined && seen !== undefined && isRecorded(listed, seen)
    if (seen === undefined) continue
    const now = listed ?? (await headHidden(master.driver, bucket.masterBucket, key, signal))
    if (now === null) await missing.add(seen)
    else if (isWrittenSince(now.lastModified, processStartedAt)) tally.rewritten()
    else if (isOlder(now.lastModified, seen.newest)) tally.age({ key, seen: seen.newest, now: now.lastModified })
    else tally.keep(seen.newest)
  }
  await missing.flush()
  const found = tally.found()
  const isMany = (lost: number) => isBraked(lost, found.known, policies.deleteBrake)
  const isHeld = bucket.masterStop === 'regressed' && found.missing + found.older > 0
  if (!isHeld && !isRegressed(evidence.evidence, found, { keepsVersions, isMany })) return { regress: null, same }
  const { missing: gone, older } = found
  return { regress: { bucket: 'there', missing: gone, older, samples: tally.samples() }, same }
}

/** What is lost where the bucket itself is missing or another one. */
export async function judgeLostBucket(
  { pool }: Pick<TaskDeps, 'pool'>,
  bucketId: string,
  is: Exclude<FoundRegress['bucket'], 'there'>,
): Promise<FoundRegress> {
  const { count, first } = await summarizeRecords(pool, bucketId, mostSamples)
  const samples = first.map(({ key, lastModified }) => ({ key, seen: lastModified, now: null }))
  return { bucket: is, missing: count, older: 0, samples }
}
