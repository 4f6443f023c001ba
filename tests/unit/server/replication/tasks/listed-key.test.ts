import { expect, test } from 'vitest'
import type { JournalEntry } from '../../../../../server/db/copies/read-journal.ts'
import { judgeListed, type ListedKey } from '../../../../../server/replication/tasks/listed-key.ts'
import type { ListedObject } from '../../../../../server/storage/storage-values.ts'

const entry: JournalEntry = {
  ...{ key: 'k', state: 'there', sourceEtag: 'e', sourceModified: 1_000, carried: 'm', size: 1, targetEtag: 'e' },
  ...{ targetModified: 5_000, targetCarried: 'm', uploadId: null, verified: true },
  ...{ waiting: false, deleteTold: false, older: true },
}
const master: ListedObject = { key: 'k', size: 7, etag: 'e', lastModified: 1_000 }
const copy: ListedObject = { ...master, lastModified: 5_000 }
const waits = { ...entry, waiting: true }

/** What is found of a key of which these have something. */
const found = ({ key = 'k', ...parts }: Partial<ListedKey>, bulk = false) =>
  judgeListed({ a: undefined, b: undefined, c: undefined, ...parts, key }, bulk)

test('what all three have alike is equal, and may be looked at in its turn', () => {
  expect(found({ a: master, b: entry, c: copy })).toEqual({ is: 'equal', journal: entry })
  const refused = { ...entry, state: 'refused', targetEtag: null } as const
  expect(found({ a: master, b: refused }), 'it has no copy').toEqual({ is: 'nothing' })
})

test('what may differ is looked at; of an object in the way nobody knows whether anything is to be copied', () => {
  expect(found({ a: master })).toEqual({ is: 'look', size: 7, lastModified: 1_000 })
  expect(found({ a: master, c: copy })).toEqual({ is: 'look', size: null, lastModified: 1_000 })
  expect(found({ a: { ...master, etag: 'f' }, b: entry, c: copy })).toEqual({
    is: 'look',
    size: 7,
    lastModified: 1_000,
  })
})

test('what listings lack and FaDO wrote is asked for at the stores, unless it was written since the listing began', () => {
  expect(found({ b: entry, c: copy })).toEqual({ is: 'suspect', journal: entry, inReplica: true })
  expect(found({ b: { ...entry, older: false }, c: copy })).toEqual({ is: 'nothing' })
})

test('a copy that a listing lacks is looked at, and asked for before where the listing may hide it', () => {
  expect(found({ a: master, b: entry })).toMatchObject({ is: 'look' })
  expect(found({ a: master, b: entry, key: 'f/g' })).toEqual({ is: 'suspect', journal: entry, inReplica: false })
  const writing = { ...entry, state: 'writing' } as const
  expect(found({ a: master, b: writing, key: 'f/g' }), 'it may not be there yet').toMatchObject({ is: 'look' })
})

test('a key that waits is left to its own look, but for deletes of which nobody told', () => {
  const changed = { ...master, etag: 'f' }
  expect(found({ a: changed, b: waits, c: copy })).toEqual({ is: 'nothing' })
  expect(found({ b: { ...waits, deleteTold: true }, c: copy })).toEqual({ is: 'nothing' })
  expect(found({ b: waits, c: copy })).toMatchObject({ is: 'suspect' })
  expect(found({ a: changed, b: waits, c: copy }, true), 'a first sync waits for it').toMatchObject({ is: 'look' })
})
