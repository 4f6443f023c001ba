import { expect, test } from 'vitest'
import { leftWords } from '../../../app/_lib/about-when.ts'

test.each([
  [4.2, 'about 4 s left'],
  [59, 'about 59 s left'],
  [61, 'about 2 min left'],
  [1_996, 'about 34 min left'],
  [4_500, 'about 1 h 15 min left'],
])('%d seconds are as rough as they are known: %s', (seconds, words) => {
  expect(leftWords(seconds).replaceAll('\u00a0', ' ')).toBe(words)
})
