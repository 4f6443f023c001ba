// What `decideKey` decided, as steps: what is done on the replica's store, and what the journal says before and after it.
// Pure. Everything that touches a store or the journal for a key goes by these, so a test that plays them plays the product.
import { isOurs, type JournalRow } from '../../db/copies/journal-row.ts'
import type { ListedObject } from '../../storage/storage-values.ts'
import type { Seen } from './carried.ts'
import { decideKey, isDescribed, type KeyFacts } from './decide-key.ts'

export type KeyStep =
  | { readonly step: 'nothing' }
  /** The store is right, or must not be touched; the journal says so. Null: the row goes. */
  | { readonly step: 'note'; readonly journal: JournalRow | null }
  /** `before` is journaled before the first byte goes out, `rowOfCopy` after it was seen there. */
  | { readonly step: 'copy'; readonly source: Seen; readonly replaced: Seen | null; readonly before: JournalRow }
  /** `before` is journaled before the delete, afterwards the row goes. */
  | {
      readonly step: 'delete'
      readonly target: Seen
      readonly before: JournalRow
      /** A user's order, or the rest of a delete that had begun; else the master has it no more. */
      readonly ordered: boolean
    }
  /** `before` is journaled before the store is asked to change what is beside the bytes, `rowOfCopy` after that was seen. */
  | { readonly step: 'amend'; readonly source: Seen; readonly target: Seen; readonly before: JournalRow }
  | { readonly step: 'compare'; readonly source: Seen; readonly target: Seen }

const writesSame = ({ sourceEtag, carried }: JournalRow, step: KeyStep): boolean =>
  step.step === 'copy' && sourceEtag === step.source.etag && carried === step.source.carried

/** The upload that a copy of this very version left when it was cut off. */
export const uploadToResume = (journal: JournalRow | null, step: KeyStep): string | null =>
  journal?.state === 'writing' && writesSame(journal, step) ? journal.uploadId : null

function row(state: JournalRow['state'], source: Seen | null, target: Seen | null, verified: boolean): JournalRow {
  return {
    state,
    sourceEtag: source?.etag ?? null,
    sourceModified: source?.lastModified ?? null,
    carried: source?.carried ?? null,
    size: source?.size ?? null,
    targetEtag: target?.etag ?? null,
    targetModified: target?.lastModified ?? null,
    targetCarried: target?.carried ?? null,
    uploadId: null,
    verified,
  }
}

/**
 * The store says that our object is gone, which may not last: a write that fails then must not make it somebody else's. So it
 * stays the object that is to be replaced.
 */
function keepTarget(before: JournalRow, known: JournalRow | null): JournalRow {
  if (known === null || !isOurs(known)) return before
  const { targetEtag, targetModified, targetCarried } = known
  return { ...before, targetEtag, targetModified, targetCarried }
}

export function keyStep(facts: KeyFacts): KeyStep {
  const { journal, source, target } = facts
  const verified = journal?.verified ?? false
  const decided = decideKey(facts)
  switch (decided.action) {
    case 'nothing':
      return { step: 'nothing' }
    case 'forget':
      return { step: 'note', journal: null }
    case 'record':
      return { step: 'note', journal: row(decided.state, source, target, decided.state === 'there') }
    case 'conflict':
      return { step: 'note', journal: row('conflict', source, target, verified) }
    case 'copy': {
      const { source: from, replaced } = decided
      const before = row('writing', from, replaced, verified)
      return { step: 'copy', source: from, replaced, before: replaced === null ? keepTarget(before, journal) : before }
    }
    case 'delete': {
      const { journal: known, target: doomed } = decided
      const { targetEtag, targetModified, targetCarried } = row('deleting', null, doomed, true)
      const before: JournalRow = { ...known, state: 'deleting', targetEtag, targetModified, targetCarried }
      const ordered = decided.reason === 'ordered' || known.state === 'deleting'
      return { step: 'delete', target: doomed, before, ordered }
    }
    case 'amend': {
      const { source: from, target: taken } = decided
      return { step: 'amend', source: from, target: taken, before: row('writing', from, taken, verified) }
    }
    case 'compare':
      return { step: 'compare', source: decided.source, target: decided.target }
  }
}

/**
 * A write that was cut off has left nothing yet, or not all of it (its tags may come last), and this step makes the journal say
 * something else. What landed after that would be nobody's.
 */
export function forgetsWrite({ journal, target }: Pick<KeyFacts, 'journal' | 'target'>, step: KeyStep): boolean {
  if (journal?.state !== 'writing') return false
  const isDone = target !== null && !isDescribed(journal, target) && target.carried === journal.carried
  return !isDone && !writesSame(journal, step)
}

/** After a copy: what was written, and how it was seen on the replica's store. */
export const rowOfCopy = (written: Seen, target: Seen): JournalRow => row('there', written, target, true)

/** It has the master's bytes, and its store cannot give it what is beside them. */
export const rowInTheWay = (source: Seen, target: Seen): JournalRow => row('conflict', source, target, false)

/**
 * After a copy that was answered for at `writtenAt` by the store's clock. How it shows what is beside the bytes is not known until
 * somebody looks; that it is ours is told by that time.
 */
export const rowOfUnseen = (written: Seen, writtenAt: number | null): JournalRow => ({
  ...rowOfCopy(written, written),
  targetModified: writtenAt,
  targetCarried: null,
})

/** After a copy that was replaced by others before it was seen: their object is not what this row describes. */
export const rowOfLostCopy = (written: Seen, targetEtag: string): JournalRow => ({
  ...row('there', written, null, true),
  targetEtag,
})

/** After a delete in a bucket that keeps versions. */
export const rowOfLeft = (deleted: JournalRow): JournalRow => ({
  ...deleted,
  state: 'left',
  uploadId: null,
})

/** A copy with bytes that the master does not have: ours, of no version of the source, so it is replaced. */
export const rowOfBadCopy = (written: Seen, target: Seen): JournalRow => ({
  ...row('there', written, target, true),
  sourceEtag: null,
})

/** The store cannot hold the object as it is, and nothing was written. What an order would have replaced is still in the way. */
export const rowOfRefusal = (
  { source, replaced }: Pick<Extract<KeyStep, { step: 'copy' }>, 'source' | 'replaced'>,
  journal: JournalRow | null,
): JournalRow =>
  journal?.state === 'overwrite'
    ? { ...journal, state: 'conflict' }
    : row('refused', source, replaced, replaced !== null)

/** The master lists it and cannot be asked for it, so that nothing of it can be copied. */
export const rowOfUnaskable = ({ etag, lastModified, size }: ListedObject): JournalRow => ({
  ...row('refused', null, null, false),
  sourceEtag: etag,
  sourceModified: lastModified,
  size,
})

/** All but the tags was written. */
export const rowOfUntagged = (written: Seen, target: Seen): JournalRow => row('refused', written, target, true)
