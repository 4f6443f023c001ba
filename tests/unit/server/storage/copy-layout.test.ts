import { describe, expect, test } from 'vitest'
import { chooseLayout } from '../../../../server/storage/copy-layout.ts'

const mib = 1024 ** 2
const gib = 1024 ** 3
const digest = '0123456789abcdef0123456789abcdef'
const choose = (size: number, parts: number | null, more = {}) =>
  chooseLayout({
    size,
    etag: parts === null ? digest : `${digest}-${parts}`,
    partCount: parts,
    partLength: Math.ceil(size / (parts ?? 1)),
    keepParts: true,
    ...more,
  })

describe('the layout of a copy', () => {
  test('is that of the source: at once, or the same parts', () => {
    expect(choose(0, null)).toEqual({ kind: 'whole' })
    expect(choose(5 * gib, null)).toEqual({ kind: 'whole' })
    expect(choose(100 * mib, 7)).toEqual({ kind: 'parts', count: 7 })
    expect(choose(0, 1)).toEqual({ kind: 'parts', count: 1 })
  })

  test('is cut anew where a request would carry more than 5 GiB', () => {
    expect(choose(5 * gib + 1, null)).toMatchObject({ kind: 'ranges' })
    expect(choose(12 * gib, 2)).toMatchObject({ kind: 'ranges' })
  })

  test('is cut anew where the store does not tell the parts, or tells others than the ETag', () => {
    for (const partCount of [null, 3]) {
      expect(choose(100 * mib, 7, { partCount })).toEqual({
        kind: 'ranges',
        ranges: [
          { start: 0, end: 64 * mib - 1 },
          { start: 64 * mib, end: 100 * mib - 1 },
        ],
      })
      expect(choose(64 * mib, 7, { partCount })).toEqual({ kind: 'whole' })
    }
  })

  test('is cut anew once the target has refused the parts', () => {
    expect(choose(65 * mib, 30, { keepParts: false })).toMatchObject({ kind: 'ranges' })
    expect(choose(6 * mib, 30, { keepParts: false })).toEqual({ kind: 'whole' })
  })

  test.for([64 * mib + 1, 5 * gib + 1, 640_000 * mib, 640_000 * mib + 1, 5 * 1024 * gib])(
    'of %i bytes covers each byte once, in at most 10 000 parts that S3 takes',
    (size) => {
      const layout = choose(size, null, { keepParts: false })
      if (layout.kind !== 'ranges') throw new Error(layout.kind)
      const lengths = layout.ranges.map(({ start, end }) => end - start + 1)
      const starts = lengths.map((_, i) => i * (lengths[0] ?? 0))
      expect(layout.ranges.map(({ start }) => start)).toEqual(starts)
      expect(layout.ranges.at(-1)?.end).toBe(size - 1)
      expect(Math.min(...lengths.slice(0, -1))).toBeGreaterThanOrEqual(5 * mib)
      expect(Math.max(...lengths)).toBeLessThanOrEqual(5 * gib)
      expect(layout.ranges.length).toBeLessThanOrEqual(10_000)
    },
  )
})
