// How the console tells of runs, and of how late changes came.
import { describe, expect, test } from 'vitest'
import { conformanceSentence, exactPercent } from '../../../app/_lib/conformance.ts'
import { plain } from '../../../app/_lib/parts.ts'
import { figuresOf } from '../../../app/_lib/runs.ts'

const spaced = (text: string | null) => text?.replace(/[\u202f\u00a0]/g, ' ') ?? null

describe('what a run found and did', () => {
  const nothing = { objectsFound: null, bytesFound: null, objectsDone: null, bytesDone: null }
  const found = (objectsFound: number, bytesFound: number | null) => ({ ...nothing, objectsFound, bytesFound })
  test.each([
    ['it did not come to that', { kind: 'SWEEP', outcome: 'FAILED', ...nothing }, null],
    ['a comparison', { kind: 'SWEEP', outcome: 'DONE', ...found(0, 0) }, 'nothing was missed'],
    [
      'a comparison with a find',
      { kind: 'SWEEP', outcome: 'DONE', ...found(2, 1_500) },
      '2 objects, 1.5 kB to look at',
    ],
    ['a master', { kind: 'MASTER_SWEEP', outcome: 'DONE', ...found(1, null) }, '1 object to look at'],
    ['a first copy on its way', { kind: 'FIRST_SYNC', outcome: 'LOST', ...found(2, 20) }, '2 objects, 20 B to copy'],
    [
      'a first copy',
      { kind: 'FIRST_SYNC', outcome: 'DONE', ...found(2, 20), objectsDone: 2, bytesDone: 20 },
      '2 objects, 20 B there',
    ],
    ['a removal', { kind: 'EVICT', outcome: 'DONE', ...found(3, null), objectsDone: 3 }, '3 objects deleted'],
  ] as const)('%s', (_name, run, words) => {
    expect(spaced(figuresOf(run))).toBe(words)
  })
})

test('a share is 100 % only when nothing came late', () => {
  expect([1, 0.99999, 0.9999, 0.5, 0].map((share) => spaced(exactPercent(share)))).toEqual([
    '100 %',
    '99.99 %',
    '99.99 %',
    '50 %',
    '0 %',
  ])
})

describe('how late changes came, in a sentence', () => {
  const slowest = {
    seconds: 41,
    key: 'a.jpg',
    at: '2026-11-12T23:30:00Z',
    cause: { code: 'X', message: 'edge cannot be reached', store: null },
  }
  const month = { month: '2026-11', changes: 10_000, objectiveSeconds: 15, onTime: 0.9999, slowest }
  const now = new Date('2026-11-28T12:00:00Z')
  const said = (more: Partial<typeof month>, at = now) => spaced(plain(conformanceSentence({ ...month, ...more }, at)))
  test('one came late', () => {
    expect(said({})).toBe(
      '1 change of 10 000 this month came later than 15 s: the slowest, a.jpg, after 41 s on the 12th. Edge cannot be reached.',
    )
  })
  test('none did', () => {
    const fast = { ...slowest, seconds: 2 }
    expect(said({ onTime: 1, slowest: fast })).toBe(
      'All 10 000 changes this month came within 15 s, the slowest after 2 s.',
    )
    expect(said({ onTime: 1, changes: 1, slowest: fast })).toBe(
      'The one change this month came within 15 s, the slowest after 2 s.',
    )
  })
  test('a month that is over is named', () => {
    expect(said({ onTime: 1 }, new Date('2026-12-01T00:00:00Z'))).toMatch(
      'All 10 000 changes of November 2026 came within',
    )
  })
})
