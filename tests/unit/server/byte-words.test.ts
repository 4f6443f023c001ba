import { expect, test } from 'vitest'
import { bytes, parseBytes } from '../../../server/byte-words.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [1234, '1.2 kB'],
  [9_949, '9.9 kB'],
  [9_960, '10 kB'],
  [999_499, '999 kB'],
  [999_950, '1 MB'],
  [9_437_184, '9.4 MB'],
  [1.5e12, '1.5 TB'],
  [5e18, '5000 PB'],
])('%d bytes are %s', (n, text) => {
  expect(bytes(n)).toBe(text)
})

test.each([
  ['10 MB', 10_000_000],
  ['1.5gb', 1.5e9],
  ['500 kB/s', 500_000],
  ['70000B', 70_000],
  ['10', undefined],
  ['10 MiB', undefined],
  ['MB', undefined],
  ['-1 MB', undefined],
])('%s is a number of bytes, or none', (text, n) => {
  expect(parseBytes(text)).toBe(n)
})
