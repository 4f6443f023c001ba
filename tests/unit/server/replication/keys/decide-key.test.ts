import { expect, test } from 'vitest'
import type { JournalRow } from '../../../../../server/db/copies/journal-row.ts'
import type { Seen } from '../../../../../server/replication/keys/carried.ts'
import { decideKey, type KeyAction, type KeyFacts } from '../../../../../server/replication/keys/decide-key.ts'

const md5 = (n: number) => String(n).repeat(32).slice(0, 32)
const seen = (etag: string, more: Partial<Seen> = {}): Seen => ({
  etag,
  etagIsDigest: true,
  size: 10,
  lastModified: 1_000,
  coding: '',
  carried: 'meta',
  ...more,
})
const one = seen(md5(1))
const two = seen(md5(2))
const other = seen(md5(9))

/** A row that says that `source` was written, and that `target` is what is (or was) there. */
const row = (state: JournalRow['state'], source: Seen | null, target: Seen | null, verified = true): JournalRow => ({
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
})

/** What was looked at is in the action too; here only what a copy replaces is told. */
type Told = {
  readonly action: KeyAction['action']
  readonly reason?: string
  readonly state?: string
  readonly replaced?: Seen | null
}
type Case = [name: string, facts: Partial<KeyFacts>, told: Told]
const reworded = seen(md5(1), { carried: 'other meta' })
const inParts = seen(`${md5(3)}-2`)
/** A store that answered for this write at second 7, by its clock; nobody has looked at what it wrote. */
const unseen: JournalRow = { ...row('there', one, one), targetModified: 7_000, targetCarried: null }
const at = (lastModified: number, of: Seen = one) => ({ ...of, lastModified })
const cases: Case[] = [
  [
    'an unseen copy that is there as it was sent is noted as seen',
    { source: one, target: at(6_000), journal: unseen },
    { action: 'record', state: 'there', reason: 'equal' },
  ],
  [
    'an unseen copy with other headers is sent again',
    { source: one, target: at(7_000, reworded), journal: unseen },
    { action: 'copy', replaced: at(7_000, reworded), reason: 'metadata' },
  ],
  [
    'an unseen copy that was written again later has been changed by others',
    { source: one, target: at(8_000, reworded), journal: unseen },
    { action: 'conflict', reason: 'changed' },
  ],
  [
    'an unseen copy that is all that was sent is ours, though it is younger than the Date of the answer',
    { source: other, target: at(9_000), journal: unseen },
    { action: 'copy', replaced: at(9_000), reason: 'bytes' },
  ],
  [
    'an unseen copy that was written before it is of others, too',
    { source: one, target: at(4_000, reworded), journal: unseen },
    { action: 'conflict', reason: 'changed' },
  ],
  [
    'an unseen copy is deleted as any other of ours',
    { target: at(7_000), journal: unseen },
    { action: 'delete', reason: 'gone' },
  ],
  [
    'of a deleted key whose versions are left the row stays, whatever others put there',
    { journal: row('left', one, one) },
    { action: 'nothing', reason: 'absent' },
  ],
  [
    'what others put over versions that are left is theirs',
    { target: other, journal: row('left', one, one) },
    { action: 'nothing', reason: 'not-ours' },
  ],
  [
    'a deleted key that the master has again is copied over its versions',
    { source: one, journal: row('left', one, one) },
    { action: 'copy', replaced: null, reason: 'missing' },
  ],
  [
    'a new object is copied only if nothing is there',
    { source: one },
    { action: 'copy', replaced: null, reason: 'missing' },
  ],
  [
    'a removed copy is copied again',
    { source: one, journal: row('there', one, one) },
    { action: 'copy', replaced: null, reason: 'missing' },
  ],
  [
    'an equal copy is left alone',
    { source: one, target: one, journal: row('there', one, one) },
    { action: 'nothing', reason: 'equal' },
  ],
  [
    'an overwritten source replaces what the journal says',
    { source: two, target: one, journal: row('there', one, one) },
    { action: 'copy', replaced: one, reason: 'bytes' },
  ],
  [
    'a change of metadata is a change',
    { source: reworded, target: one, journal: row('there', one, one) },
    { action: 'copy', replaced: one, reason: 'metadata' },
  ],
  [
    'the same object written again only moves its time',
    { source: { ...one, lastModified: 2_000 }, target: one, journal: row('there', one, one) },
    { action: 'record', state: 'there', reason: 'equal' },
  ],
  [
    'a store that keeps metadata in its own way is not written again and again',
    { source: one, target: reworded, journal: row('there', one, reworded) },
    { action: 'nothing', reason: 'equal' },
  ],
  [
    'a deleted source deletes our copy',
    { target: one, journal: row('there', one, one) },
    { action: 'delete', reason: 'gone' },
  ],
  [
    'a deleted source with nothing there is forgotten',
    { journal: row('there', one, one) },
    { action: 'forget', reason: 'absent' },
  ],
  ['nothing anywhere is nothing', {}, { action: 'nothing', reason: 'absent' }],
  [
    'a foreign object in the way is a conflict',
    { source: one, target: other },
    { action: 'conflict', reason: 'foreign' },
  ],
  [
    'a foreign object that equals the master is good enough',
    { source: one, target: one },
    { action: 'record', state: 'foreign', reason: 'foreign-equal' },
  ],
  [
    'a foreign object with other metadata is in the way',
    { source: one, target: reworded },
    { action: 'conflict', reason: 'foreign' },
  ],
  [
    'a foreign object whose key the master lacks does not matter',
    { target: other },
    { action: 'nothing', reason: 'not-ours' },
  ],
  [
    'a foreign equal object is never deleted',
    { target: one, journal: row('foreign', one, one, false) },
    { action: 'forget', reason: 'not-ours' },
  ],
  [
    'a changed copy is a conflict',
    { source: one, target: other, journal: row('there', one, one) },
    { action: 'conflict', reason: 'changed' },
  ],
  [
    'a copy with changed metadata is a conflict',
    { source: one, target: reworded, journal: row('there', one, one) },
    { action: 'conflict', reason: 'changed' },
  ],
  [
    'a changed copy is not deleted with its source',
    { target: other, journal: row('there', one, one) },
    { action: 'conflict', reason: 'changed' },
  ],
  [
    'a changed copy that equals the master by now is good enough',
    { source: two, target: two, journal: row('there', one, one) },
    { action: 'record', state: 'foreign', reason: 'foreign-equal' },
  ],
  [
    'an order overwrites what was seen',
    { source: one, target: other, journal: row('overwrite', one, other, false) },
    { action: 'copy', replaced: other, reason: 'ordered' },
  ],
  [
    'an order does not overwrite what was not seen',
    { source: one, target: two, journal: row('overwrite', one, other, false) },
    { action: 'conflict', reason: 'foreign' },
  ],
  [
    'an order deletes a changed copy of a deleted source',
    { target: other, journal: row('overwrite', null, other, true) },
    { action: 'delete', reason: 'ordered' },
  ],
  [
    'an order never deletes a foreign object',
    { target: other, journal: row('overwrite', null, other, false) },
    { action: 'forget', reason: 'not-ours' },
  ],
  [
    'after a crash what was being written is ours',
    { source: one, target: one, journal: row('writing', one, null, false) },
    { action: 'record', state: 'there', reason: 'equal' },
  ],
  [
    'after a crash what was written and is outdated is replaced',
    { source: two, target: one, journal: row('writing', one, null, false) },
    { action: 'copy', replaced: one, reason: 'bytes' },
  ],
  [
    'after a crash what was there before is still ours',
    { source: two, target: one, journal: row('writing', two, one) },
    { action: 'copy', replaced: one, reason: 'bytes' },
  ],
  [
    'after a crash anything else is not ours',
    { source: two, target: other, journal: row('writing', two, one) },
    { action: 'conflict', reason: 'changed' },
  ],
  [
    'after a crash of the first write anything else is foreign',
    { source: two, target: other, journal: row('writing', two, null, false) },
    { action: 'conflict', reason: 'foreign' },
  ],
  [
    'after a crash what was written is deleted with its source',
    { target: one, journal: row('writing', one, null, false) },
    { action: 'delete', reason: 'gone' },
  ],
  [
    'a delete that a crash cut off is finished',
    { target: one, journal: row('deleting', one, one) },
    { action: 'delete', reason: 'gone' },
  ],
  [
    'a delete that a crash cut off is given up when the source is back',
    { source: one, target: one, journal: row('deleting', one, one) },
    { action: 'record', state: 'there', reason: 'equal' },
  ],
  ['other parts of the same size are compared by their bytes', { source: one, target: inParts }, { action: 'compare' }],
  [
    'the same bytes in other parts are good enough',
    { source: one, target: inParts, sameBytes: true },
    { action: 'record', state: 'foreign', reason: 'foreign-equal' },
  ],
  [
    'other bytes in other parts are in the way',
    { source: one, target: inParts, sameBytes: false },
    { action: 'conflict', reason: 'foreign' },
  ],
  [
    'what was being written is not ours when the source is another by now and the copy is of neither',
    { source: two, target: inParts, journal: row('writing', one, null, false), sameBytes: true },
    { action: 'record', state: 'foreign', reason: 'foreign-equal' },
  ],
  [
    'what was being written is not ours when its size is another',
    { source: inParts, target: { ...inParts, size: 11 }, journal: row('writing', inParts, null, false) },
    { action: 'conflict', reason: 'foreign' },
  ],
  [
    'an ETag that cannot be foretold is settled by the bytes',
    { source: inParts, target: one, journal: row('writing', inParts, null, false) },
    { action: 'compare' },
  ],
  [
    'an unforetold ETag with our bytes is ours',
    { source: inParts, target: one, sameBytes: true, journal: row('writing', inParts, null, false) },
    { action: 'record', state: 'there', reason: 'equal' },
  ],
]

test.each(cases)('%s', (_, facts, told) => {
  const all: KeyFacts = { journal: null, target: null, source: null, sameBytes: null, ...facts }
  const { source, target, journal } = all
  const lookedAt = { copy: { source }, delete: { target, journal }, compare: { source, target } }
  const { action } = told
  const seenWith = action === 'copy' || action === 'delete' || action === 'compare' ? lookedAt[action] : {}
  expect(decideKey(all)).toEqual({ ...told, ...seenWith })
})
