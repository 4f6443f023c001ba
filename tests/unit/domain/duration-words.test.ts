import { expect, test } from 'vitest'
import { durationWords, parseDuration, roughDuration, typedUnit } from '../../../server/domain/duration-words.ts'

test.each([
  [0, '0 s', 'seconds'],
  [0.25, '0.25 s', 'seconds'],
  [300, '300 s', 'seconds'],
  [3_600, '1 h', 'hours'],
  [5_400, '1 h 30 min', 'minutes'],
  [86_400, '1 day', 'days'],
  [604_800, '7 days', 'days'],
  [604_801.5, '7 days 1.5 s', 'seconds'],
] as const)('%d seconds are %s', (seconds, words, unit) => {
  expect(durationWords(seconds)).toBe(words)
  expect(typedUnit(seconds)).toBe(unit)
})

test.each([
  ['7d', 604_800],
  ['7 days', 604_800],
  ['1 day', 86_400],
  ['2h', 7_200],
  ['1 h 30 min', 5_400],
  ['0.5s', 0.5],
  ['90', undefined],
  ['never', undefined],
  ['7 d x', undefined],
  ['', undefined],
])('%j is %s seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds)
})

test('what is said of a duration can be typed', () => {
  for (const seconds of [1, 300, 3_600, 5_400, 90_000, 604_800])
    expect(parseDuration(durationWords(seconds))).toBe(seconds)
})

test.each([
  [132.2, '133 s'],
  [61_681, '17 h 9 min'],
  [3_599.5, '1 h'],
  [90_000, '1 day 1 h'],
])('about %d seconds are %s', (seconds, words) => {
  expect(roughDuration(seconds)).toBe(words)
})
