import { expect, test } from 'vitest'
import type { JournalRow } from '../../../../../server/db/copies/journal-row.ts'
import type { Seen } from '../../../../../server/replication/keys/carried.ts'
import { keyStep, uploadToResume } from '../../../../../server/replication/keys/key-step.ts'

const source: Seen = {
  etag: 'now',
  etagIsDigest: true,
  size: 10,
  lastModified: 1_000,
  coding: '',
  carried: 'meta',
}
const { etag: sourceEtag, carried, lastModified: sourceModified, size } = source
const cutOff: JournalRow = {
  ...{ state: 'writing', sourceEtag, sourceModified, carried, size, uploadId: 'begun', verified: true },
  ...{ targetEtag: null, targetModified: null, targetCarried: null },
}
const toCopy = (journal: JournalRow) => keyStep({ journal, target: null, source, sameBytes: null })

test('the upload of a copy of this very version is gone on with', () => {
  expect(uploadToResume(cutOff, toCopy(cutOff))).toBe('begun')
})

test.for([
  ['other bytes', { sourceEtag: 'before' }],
  ['other headers', { carried: 'other meta' }],
  ['what is there already', { state: 'there' }],
] as const)('that of %s is not', ([, other]) => {
  const journal = { ...cutOff, ...other }
  expect(uploadToResume(journal, toCopy(journal))).toBeNull()
})

test('where our object is said to be gone it stays the one that is to be replaced, until the journal says otherwise', () => {
  const there = { targetEtag: 'ours', targetModified: 5_000, targetCarried: 'as shown' }
  const before = (journal: JournalRow) => {
    const step = toCopy(journal)
    return step.step === 'copy' ? step.before : step
  }
  expect(before({ ...cutOff, ...there, state: 'there', uploadId: null })).toMatchObject({ state: 'writing', ...there })
  const conflict: JournalRow = { ...cutOff, ...there, state: 'conflict', verified: false, uploadId: null }
  expect(before(conflict)).toMatchObject({ state: 'writing', targetEtag: null, targetModified: null })
})
