import { describe, expect, test } from 'vitest'
import { age, bytes, count, duration, list, percent, plural, rate, roughly } from '../../../app/_lib/format.ts'

/** Thin and no-break spaces as plain ones, to read. */
const plain = (text: string) => text.replace(/[\u202f\u00a0]/g, ' ')

describe('numbers', () => {
  test('thousands are grouped by a thin space, so that a number does not break over lines', () => {
    expect(count(41_208_310)).toBe('41\u202f208\u202f310')
  })
  test('one thing is singular, none and many are plural', () => {
    expect([0, 1, 2].map((n) => plain(plural(n, 'copy', 'copies')))).toEqual(['0 copies', '1 copy', '2 copies'])
  })
  test('lists read as spoken', () => {
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(list)).toEqual(['', 'a', 'a and b', 'a, b and c'])
  })
})

describe('sizes', () => {
  test('do not break before their unit', () => {
    expect(bytes(1234)).toBe('1.2\u00a0kB')
  })
  test('a speed is a size a second', () => {
    expect(plain(rate(84e6))).toBe('84 MB/s')
  })
})

describe('durations and ages', () => {
  test.each([
    [0, '0 s'],
    [0.04, '0.1 s'],
    [0.34, '0.3 s'],
    [59.6, '1 min'],
    [90, '1 min 30 s'],
    [3600, '1 h'],
    [5400, '1 h 30 min'],
    [93_600, '1 d 2 h'],
    [-5, '0 s'],
  ])('%d seconds last %s', (seconds, text) => {
    expect(plain(duration(seconds))).toBe(text)
  })
  test.each([
    [0, 'just now'],
    [-3, 'just now'],
    [12, '12 s ago'],
    [119, '1 min ago'],
    [7200, '2 h ago'],
    [200_000, '2 d ago'],
  ])('%d seconds back is %s', (seconds, text) => {
    const now = new Date('2026-11-24T12:00:00Z')
    expect(plain(age(new Date(now.getTime() - seconds * 1000), now))).toBe(text)
  })
  test('a rough duration never claims more time than there was', () => {
    expect(plain(roughly(59.9))).toBe('59 s')
  })
})

describe('shares', () => {
  test('100 % is said only when all is done', () => {
    expect([0, 0.005, 0.625, 0.9999, 1].map((share) => plain(percent(share)))).toEqual([
      '0 %',
      '0 %',
      '62 %',
      '99 %',
      '100 %',
    ])
  })
})
