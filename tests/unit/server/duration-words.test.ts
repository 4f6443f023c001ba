import { expect, test } from 'vitest'
import { durationWords, typedUnit } from '../../../server/duration-words.ts'

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
