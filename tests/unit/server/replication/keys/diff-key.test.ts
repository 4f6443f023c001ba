import { expect, test } from 'vitest'
import type { JournalEntry } from '../../../../../server/db/copies/read-journal.ts'
import { diffHidden, diffKey } from '../../../../../server/replication/keys/diff-key.ts'
import type { ListedObject } from '../../../../../server/storage/storage-values.ts'

const object = (lastModified: number, etag = 'e'): ListedObject => ({ key: 'k', size: 1, etag, lastModified })
const journal: JournalEntry = {
  key: 'k',
  state: 'there',
  sourceEtag: 'e',
  sourceModified: 1_000,
  carried: 'm',
  size: 1,
  targetEtag: 'e',
  targetModified: 5_000,
  targetCarried: 'm',
  uploadId: null,
  verified: true,
  waiting: false,
  deleteTold: false,
  older: true,
}

test('a key is as it should be while both objects are those that the journal knows, to the second', () => {
  expect(diffKey(object(1_000), journal, object(5_000))).toBe('same')
  expect(diffKey(object(1_999), journal, object(5_999))).toBe('same')
})

test('an unseen copy is as it should be while its time is that of the write', () => {
  const unseen: JournalEntry = { ...journal, targetCarried: null }
  for (const time of [3_000, 4_100, 5_999]) expect(diffKey(object(1_000), unseen, object(time))).toBe('same')
  for (const time of [2_999, 6_000]) expect(diffKey(object(1_000), unseen, object(time))).toBe('look')
  expect(diffKey(object(1_000), { ...unseen, targetModified: null }, object(9_000))).toBe('same') // not known when
})

test.each<[string, ListedObject | undefined, ListedObject | undefined]>([
  ['the master was written again', object(2_000), object(5_000)],
  ['the master has another ETag', object(1_000, 'f'), object(5_000)],
  ['the copy was written again, be it with the same bytes', object(1_000), object(6_000)],
  ['the copy has another ETag', object(1_000), object(5_000, 'f')],
  ['the copy is gone', object(1_000), undefined],
  ['both are gone', undefined, undefined],
])('it is looked at when %s', (_, master, copy) => {
  expect(diffKey(master, journal, copy)).toBe('look')
})

test('what the master has no more is to be deleted only where FaDO wrote it', () => {
  expect(diffKey(undefined, journal, object(5_000))).toBe('delete')
  expect(diffKey(undefined, { ...journal, state: 'foreign' }, object(5_000))).toBe('look')
  expect(diffKey(undefined, undefined, object(5_000))).toBe('same')
})

test('a key of which only versions are left is looked at when the master has it again, and not before', () => {
  const left: JournalEntry = { ...journal, state: 'left' }
  expect(diffKey(undefined, left, undefined)).toBe('same')
  expect(diffKey(undefined, left, object(5_000))).toBe('same')
  expect(diffKey(object(1_000), left, undefined)).toBe('look')
})

test('of a conflict whose object the master has no more only a copy that others changed, and that was looked at since, stays as it is', () => {
  const conflict: JournalEntry = { ...journal, state: 'conflict', sourceEtag: null, targetEtag: 'theirs' }
  const theirs = object(5_000, 'theirs')
  expect(diffKey(undefined, conflict, theirs)).toBe('same')
  expect(diffKey(undefined, { ...conflict, sourceEtag: 'e' }, theirs), 'found while the master had it').toBe('look')
  expect(diffKey(undefined, { ...conflict, verified: false }, theirs), 'never ours').toBe('look')
  expect(diffKey(undefined, conflict, object(6_000, 'other'))).toBe('look')
})

test('an object that its store cannot hold is not looked at again while the master has the same, and only such a one', () => {
  const refused: JournalEntry = { ...journal, state: 'refused', targetEtag: null, targetModified: null }
  expect(diffKey(object(1_000), refused, undefined)).toBe('same')
  expect(diffKey(object(2_000, 'f'), refused, undefined)).toBe('look')
  expect(diffKey(object(1_000), { ...refused, state: 'there' }, undefined)).toBe('look')
  expect(diffKey(undefined, refused, object(5_000)), 'nothing there is ours').toBe('look')
  const older: JournalEntry = { ...journal, state: 'refused' }
  expect(diffKey(object(1_000), older, object(5_000))).toBe('same')
  expect(diffKey(undefined, older, object(5_000)), 'what is there is').toBe('delete')
})

test.each<[string, { etag: string } | null, { etag: string } | null, boolean, 'same' | 'look' | 'delete']>([
  ['both have what the journal knows', { etag: 'e' }, { etag: 'e' }, false, 'same'],
  ['the master has another', { etag: 'f' }, { etag: 'e' }, false, 'look'],
  ['the copy is another', { etag: 'e' }, { etag: 'f' }, false, 'look'],
  ['the copy is gone', { etag: 'e' }, null, true, 'look'],
  ['the master has none and the copy is there', null, { etag: 'e' }, false, 'delete'],
  ['the master has none and the copy was listed', null, null, true, 'delete'],
  ['nobody has any', null, null, false, 'look'],
])('of what listings may hide, after asking: %s', (_, master, replica, inReplica, finding) => {
  expect(diffHidden(master, journal, replica, inReplica)).toBe(finding)
})
