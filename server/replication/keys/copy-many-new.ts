// Many new objects of one copy at once, as a first sync finds them: each as `copy-new.ts` says, but the database is asked once for
// all of them at each step. Whatever is not so simple is left to go the whole way by itself.
import { loadCopiesOfKeys } from '../../db/copies/copies.ts'
import { journalWritings } from '../../db/copies/journal-announce.ts'
import { type JournalEdit, putJournal } from '../../db/copies/journal-edits.ts'
import type { JournalRow } from '../../db/copies/journal-row.ts'
import { Interrupted } from '../interrupted.ts'
import { thisMoment } from '../moment.ts'
import type { CopyResult } from '../report/mover-metrics.ts'
import { endOfFailed, guardOf, type NewObject, newWrite, readNew, sendNew } from './copy-new.ts'
import { type Scene, setScene } from './key-scene.ts'
import { rowOfRefusal } from './key-step.ts'
import type { KeyDeps, KeyRun } from './key-work.ts'
import { mayBeNew } from './new-object.ts'
import { noteKey } from './note-key.ts'

export type ManyEnds = {
  /** The copies are as their masters are, or cannot be. */
  readonly done: readonly KeyRun[]
  readonly failed: ReadonlyMap<KeyRun, unknown>
}

type Placed = { readonly run: KeyRun; readonly scene: Scene }
type Read = Placed & { readonly read: NewObject }

/** Throws when the database does. */
export async function copyManyNew(deps: KeyDeps, runs: readonly KeyRun[]): Promise<ManyEnds> {
  const failed = new Map<KeyRun, unknown>()
  const places = await placesOf(deps, runs)
  const [first] = places
  if (first === undefined) return { done: [], failed }
  const abortAll: KeyRun['abort'] = (reason) => {
    for (const { run } of places) run.abort(reason)
  }
  // They are of one copy, so what forbids one forbids all. Reading is watched too, for a pause ends it.
  const unwatches = [deps.guard.watch(first.scene.guard, abortAll)]
  try {
    const read = (await readAll(deps, places, failed)).filter(({ run }) => run.holds())
    const lenders = new Map(read.flatMap(({ read: { from } }) => (from === null ? [] : [[from.storageId, from]])))
    for (const lender of lenders.values())
      unwatches.push(deps.guard.watch(guardOf(first.scene.guard, lender), abortAll))
    const writes = read.map(({ scene, read: object }) => newWrite(scene, object))
    const allowed = await journalWritings(deps.pool, deps.owner, writes)
    const mine = read.filter(({ run }, place) => {
      if (allowed[place]) run.said = writes[place] ?? null
      return allowed[place]
    })
    return { done: await writeAll(deps, mine, failed), failed }
  } finally {
    for (const unwatch of unwatches) unwatch()
  }
}

async function placesOf(deps: KeyDeps, runs: readonly KeyRun[]): Promise<Placed[]> {
  const copies = await loadCopiesOfKeys(
    deps.pool,
    runs.map(({ claim, others }) => ({ ...claim, others })),
  )
  const places = runs.map(async (run, place): Promise<Placed[]> => {
    const copy = copies[place] ?? null
    if (copy === null || !copy.replica?.mayWrite) return []
    const scene = await setScene(deps, run.claim.key, copy, copy.replica)
    return mayBeNew(run, scene) ? [{ run, scene }] : []
  })
  return (await Promise.all(places)).flat()
}

async function readAll(deps: KeyDeps, places: readonly Placed[], failed: Map<KeyRun, unknown>): Promise<Read[]> {
  const all: Read[] = []
  const one = async ({ run, scene }: Placed) => {
    try {
      const read = await run.inTurn(() => readNew(deps, run, scene))
      if (read !== null && read !== 'wait') all.push({ run, scene, read })
    } catch (error) {
      failed.set(run, error)
    }
  }
  await Promise.all(places.map(one))
  return all
}

type Said = { readonly run: KeyRun; readonly edit: JournalEdit }

/** Resolves to those that are written, and known to be, or that the store cannot hold. */
async function writeAll(deps: KeyDeps, all: readonly Read[], failed: Map<KeyRun, unknown>): Promise<KeyRun[]> {
  const said: Said[] = []
  const refused: KeyRun[] = []
  const one = async (placed: Read) => {
    const { run, scene } = placed
    const written = await writeOne(deps, placed)
    switch (written.end) {
      case 'copied':
      case 'taken':
        said.push({ run, edit: { at: scene.at, row: written.row } })
        return
      case 'refused':
        await noteKey(deps, run, scene, rowOfRefusal(newWrite(scene, placed.read).step, null)).then(
          () => refused.push(run),
          (failure) => failed.set(run, failure),
        )
        return
      case 'unseen':
        if (!run.holds()) failed.set(run, new Interrupted('lease'))
        return
      case 'failed':
        failed.set(run, written.error)
    }
  }
  await Promise.all(all.map(one))
  const { own = [], others = [] } = Object.groupBy(said, ({ run }) => (run.holds() ? 'own' : 'others'))
  for (const { run } of others) failed.set(run, new Interrupted('lease'))
  const edits = own.map(({ edit }) => edit)
  await putJournal(deps.pool.lazily, deps.owner, edits)
  return [...refused, ...own.flatMap(({ run, edit }) => (edit.row === null ? [] : [run]))]
}

/**
 * `row`: what the journal says from now on; of what was taken by others what it said before, nothing. `unseen`: the answer does not
 * show that these bytes are there.
 */
type Written =
  | { readonly end: 'copied'; readonly row: JournalRow }
  | { readonly end: 'taken'; readonly row: null }
  | { readonly end: 'refused' | 'unseen' }
  | { readonly end: 'failed'; readonly error: unknown }

/** It is counted, too. */
async function writeOne(deps: KeyDeps, { run, scene, read }: Read): Promise<Written> {
  let sentAt = thisMoment()
  const count = (result: CopyResult, bytes = 0) => {
    const link = { source: read.from?.store ?? scene.source.store, target: scene.target.store }
    deps.metrics.copy(link, result, bytes, (performance.now() - sentAt.steady) / 1000)
  }
  try {
    const { row } = await run.inTurn(() => {
      sentAt = thisMoment()
      return sendNew(run, scene, read)
    })
    count('copied', read.bytes.length)
    return row === null ? { end: 'unseen' } : { end: 'copied', row }
  } catch (error) {
    switch (await endOfFailed(deps, run, scene, { error, sentAt })) {
      case 'taken':
        count('changed')
        return { end: 'taken', row: null }
      case 'refused':
        count('refused')
        return { end: 'refused' }
      case 'unknown':
        count(run.signal.aborted ? 'interrupted' : 'failed')
        return { end: 'failed', error }
    }
  }
}
