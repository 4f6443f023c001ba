// A key that lacks at one copy while its master does not answer: what the master had last, as FaDO's record and the journal of another
// copy prove together, is copied from that one. Only where there is nothing, so nothing newer can be lost by it; nothing is ever
// deleted, nor copied where anything tells of news. The key stays marked: when the master is back it is looked at like any other.
import type { OtherCopyRow } from '../../db/copies/other-copies.ts'
import { lookAt, type Seen } from './carried.ts'
import { counted, type Lent, tryToCopy } from './copy-key.ts'
import { again, done, type Round, type Scene } from './key-scene.ts'
import { keyStep } from './key-step.ts'
import type { KeyDeps, KeyEnd, KeyRun } from './key-work.ts'
import { type Lender, refuseLender, sourceOf } from './source-of.ts'

/** Seconds after which it is looked at again at the latest. The longer the master is away, the rarer: it is looked at when that is back. */
const longestWait = 3_600

const inSeconds = (ms: number | null) => (ms === null ? null : Math.floor(ms / 1000))

/** What FaDO last saw at the master; it looked while no news was known, and none are. */
function lastSeen({ record, others }: Scene): readonly OtherCopyRow[] {
  if (record === null || others === null || others.masterWaiting) return []
  return others.copies.filter(
    ({ sourceEtag, sourceModified }) =>
      sourceEtag === record.etag && inSeconds(sourceModified) === inSeconds(record.lastModified),
  )
}

export async function copyWhileAway(deps: KeyDeps, run: KeyRun, scene: Scene): Promise<Round> {
  const later = (): KeyEnd => ({ end: 'later', seconds: untilBack(deps, scene), unlessNews: true })
  const isMissing = scene.journal === null && !scene.replica.takingOver
  const copies = isMissing ? lastSeen(scene) : []
  if (copies.length === 0) return later()
  const lender = await sourceOf(deps, run, scene, { size: copies[0]?.size ?? 0, version: null, copies })
  if (typeof lender === 'string') return later()
  // The replica before the source, as ever.
  if ((await lookAt(scene.target, scene.at.key, run.signal)) !== null) return later()
  const shown = await shownBy(run, scene, lender)
  if (shown === null) {
    await refuseLender(deps, run, scene, lender)
    return again
  }
  const step = keyStep({ journal: null, target: null, source: shown.source, sameBytes: null })
  if (step.step !== 'copy') return later()
  const ended = await counted(deps, scene, run, (attempt) => tryToCopy(deps, run, scene, step, attempt, shown))
  return ended === done ? later() : ended
}

/** At once where it is back already: then nobody looks for what waits for it any more. */
function untilBack({ stores, times }: KeyDeps, { source }: Scene): number {
  const awayMs = stores.awayMs(source.storageId)
  return awayMs === 0 ? 0 : Math.min(longestWait, Math.max(times.untold, awayMs / 2) / 1000)
}

/** The version as the master showed it, from the copy that was made of it then; null: that is another one now. */
async function shownBy(
  run: KeyRun,
  { at }: Scene,
  lender: Lender,
): Promise<{ readonly source: Seen; readonly lent: Lent } | null> {
  const { place, row } = lender
  const looked = await lookAt(place, at.key, run.signal)
  if (looked === null) return null
  const { seen } = looked
  const isIt = seen.etagIsDigest && seen.etag === row.sourceEtag && seen.carried === row.carried
  if (!isIt || row.sourceModified === null) return null
  return { source: { ...seen, lastModified: row.sourceModified }, lent: { ...lender, shown: looked } }
}
