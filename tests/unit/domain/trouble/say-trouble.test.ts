import { expect, test } from 'vitest'
import { reasonOf } from '../../../../server/domain/trouble/say-trouble.ts'
import type { ConflictSample, Trouble } from '../../../../server/domain/trouble/trouble.ts'

const conflicts = (sample: ConflictSample): Trouble => ({ kind: 'conflicts', store: 'edge', sample })

test.each<[Trouble, string]>([
  [conflicts({ kind: 'changed', count: 1, keys: ['x'] }), '1 object on edge has been changed since FaDO wrote it: x'],
  [
    conflicts({ kind: 'foreign', count: 5, keys: ['a.txt', 'b', 'c', 'd'] }),
    '5 objects in the way on edge were not written by FaDO: a.txt, b, c and 2 more',
  ],
  [
    { kind: 'braked', store: 'edge', count: 120 },
    'The delete brake holds 120 deletes on edge until a resync allows deletes',
  ],
  [
    { kind: 'keys', store: 'edge', count: 2, example: { store: 'edge', error: 'quota', detail: 'The store is full' } },
    '2 objects cannot be copied to edge now: edge: The store is full',
  ],
  [
    { kind: 'versions_kept', store: 'edge', versions: 1, lastEnd: Date.UTC(2027, 0, 1), holds: 0 },
    '1 version on edge is kept by a retention until 2027-01-01T00:00:00.000Z',
  ],
  [
    { kind: 'versions_kept', store: 'edge', versions: 3, lastEnd: Date.UTC(2027, 0, 1), holds: 1 },
    '3 versions on edge are kept by a retention until 2027-01-01T00:00:00.000Z and a legal hold on 1 version, until somebody lifts it',
  ],
  [{ kind: 'store', store: 'edge', problem: 'slow-down' }, 'edge asks to be spared'],
  [
    { kind: 'last_copy', store: 'cloud', doubt: { because: 'objects_missing', master: 'hpc', count: 1 } },
    'The copy on cloud is kept, for no other whole copy can be shown: hpc lacks 1 object of it',
  ],
])('%o is said so', (trouble, sentence) => {
  expect(reasonOf(trouble).message).toBe(sentence)
})

test('programs are told the store and at most three keys', () => {
  const reason = reasonOf(conflicts({ kind: 'foreign', count: 5, keys: ['a', 'b', 'c', 'd'] }))
  expect(reason).toMatchObject({ code: 'FOREIGN_OBJECTS', store: 'edge', keys: ['a', 'b', 'c'] })
})
