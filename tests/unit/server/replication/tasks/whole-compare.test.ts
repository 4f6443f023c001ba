import { describe, expect, test } from 'vitest'
import type { JournalEntry } from '../../../../../server/db/copies/read-journal.ts'
import type { Seen } from '../../../../../server/replication/keys/carried.ts'
import { beginTurn, isWhole, shareOf } from '../../../../../server/replication/tasks/whole-compare.ts'

const week = 604_800
const share = (objects: number, everyS: number, pauseS: number) => shareOf(objects, { everyS, pauseS, plannedS: 900 })

describe('the share of a sweep', () => {
  test.for([1, 7, 1_000, 1_000_000])(
    'takes all of %i objects through their turn in time, sweep by sweep',
    (objects) => {
      for (const pauseS of [60, 900, 3_600]) {
        let left = objects
        let seconds = 0
        for (; left > 0; seconds += pauseS) left -= share(objects, week, pauseS)
        expect(seconds).toBeLessThanOrEqual(Math.max(week, objects * pauseS))
        expect(seconds).toBeLessThanOrEqual(week)
      }
    },
  )

  test('does not make up for a long pause at once, and is never more than all', () => {
    expect(share(1_000_000, week, 30 * 86_400)).toBe(share(1_000_000, week, 3_600))
    expect(share(1_000_000, week, 3_600)).toBeLessThan(10_000)
    expect(share(10, 1, 900)).toBe(10)
  })

  test('keeps up where the pauses are planned to be long, and makes up for no longer ones', () => {
    const pace = { everyS: week, pauseS: 86_400, plannedS: 86_400 }
    expect(shareOf(1_000, pace) * 7).toBeGreaterThanOrEqual(1_000)
    expect(shareOf(1_000, { ...pace, pauseS: 5 * 86_400 })).toBe(shareOf(1_000, pace))
  })

  test('is none where the policy says never, or the copy has none', () => {
    expect(share(1_000, 0, 900)).toBe(0)
    expect(share(0, week, 900)).toBe(0)
  })
})

describe('a copy is whole', () => {
  const seen = (etag: string, carried: string): Seen => ({
    etag,
    etagIsDigest: true,
    size: 1,
    lastModified: 1_000,
    coding: '',
    carried,
  })
  const journal: JournalEntry = {
    key: 'k',
    state: 'there',
    sourceEtag: 's',
    sourceModified: 1_000,
    carried: 'tags of s',
    size: 1,
    targetEtag: 't',
    targetModified: 1_000,
    targetCarried: 'tags of t',
    uploadId: null,
    verified: true,
    waiting: false,
    deleteTold: false,
    older: true,
  }
  const source = seen('s', 'tags of s')
  const target = seen('t', 'tags of t')

  test('when both are in everything what the journal says', () => {
    expect(isWhole(journal, source, target)).toBe(true)
    // Nobody has looked at the copy since it was written: it should be as it was sent.
    const unseen = { ...journal, targetCarried: null }
    expect(isWhole(unseen, source, seen('t', 'tags of s'))).toBe(true)
    expect(isWhole(unseen, source, target)).toBe(false)
  })

  test.for<[string, Seen | null, Seen | null]>([
    ['the master has other tags', seen('s', 'other'), target],
    ['the master has other bytes', seen('other', 'tags of s'), target],
    ['the master has it no more', null, target],
    ['the copy has other tags', source, seen('t', 'other')],
    ['the copy has other bytes', source, seen('other', 'tags of t')],
    ['the copy is gone', source, null],
  ])('not when %s', ([, from, to]) => {
    expect(isWhole(journal, from, to)).toBe(false)
  })
})

test('a turn takes as many as it may, from where the last one stopped, and says how far it came', () => {
  const some = beginTurn({ after: 'b', since: 7, most: 2 })
  expect(['a', 'b', 'c', 'd', 'e'].filter(some.takes)).toEqual(['c', 'd'])
  expect(some.end()).toEqual({ key: 'd', since: 7, ended: false })
  const last = beginTurn({ after: 'd', since: 7, most: 2 })
  expect(['d', 'e'].filter(last.takes)).toEqual(['e'])
  expect(last.end()).toEqual({ key: null, since: 7, ended: true })
  expect(beginTurn({ after: 'd', since: 7, most: 0 }).end(), 'none may be taken').toEqual({
    key: 'd',
    since: 7,
    ended: false,
  })
})
