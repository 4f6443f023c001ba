import { describe, expect, test } from 'vitest'
import { decodeWords } from '../../../../server/storage/encoded-words.ts'

const octets = (text: string) => Buffer.from(text, 'utf8').toString('latin1')

describe('a value that a store told as encoded words', () => {
  // Told by MinIO; the long ones are cut between characters.
  test.for([
    ['=?UTF-8?q?=C3=BC?=', 'ü'],
    ['=?UTF-8?q?na=C3=AFve_caf=C3=A9?=', 'naïve café'],
    ['=?UTF-8?b?KMOpKQ==?=', '(é)'],
    [`=?UTF-8?q?${'=D1=8F'.repeat(10)}?= =?UTF-8?q?${'=D1=8F'.repeat(2)}?=`, 'я'.repeat(12)],
  ])('%s is its octets', ([told, text]) => {
    expect(decodeWords(told ?? '')).toBe(octets(text ?? ''))
  })
})

test.for([
  '',
  'plain',
  '=?UTF-8?b?w7w=?=', // a store would have used q
  '=?UTF-8?q?=c3=bc?=',
  '=?utf-8?q?=C3=BC?=',
  '=?UTF-8?B?w7w=?=',
  '=?UTF-8?q?plain?= and more',
  '=?UTF-8?q?=C3=BC?=  =?UTF-8?q?=C3=BC?=',
])('%j is what somebody wrote, and stays', (value) => {
  expect(decodeWords(value)).toBe(value)
})
