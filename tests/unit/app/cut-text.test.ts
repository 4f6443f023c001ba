import { expect, test } from 'vitest'
import { cutMiddle } from '../../../app/_lib/cut-text.ts'

test('names that are too long differ by what is left of them', () => {
  expect([cutMiddle('ap-sydney-edge-38', 12, 4), cutMiddle('hpc', 12, 4), cutMiddle('ap-sydney', 3, 4)]).toEqual([
    'ap-syd\u2026ge-38',
    'hpc',
    null,
  ])
})
