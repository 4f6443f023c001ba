import fc from 'fast-check'
import { expect, test } from 'vitest'
import { otherSpellings, ownNamesBut } from '../../../proxy/resources/caller-headers.ts'
import { longestHeader, marksOf, mostMarks } from '../../../server/domain/http-names.ts'

const isOwn = (name: string) => /^x[^a-z0-9]fado[^a-z0-9].*$/.test(name)
const taken = (kept: string) => {
  const patterns = ownNamesBut(kept).map((text) => new RegExp(`^(?:${text})$`))
  return (name: string) => patterns.some((pattern) => pattern.test(name))
}
const kept = fc.stringMatching(/^x[-_a]fado[-_b]?[-_a-c0]{0,14}$/)
const near = fc.stringMatching(/^x[-_.~a]fado[-_.~b]?[-_a-c0]{0,14}$/)

test("of FaDO's own names all are taken but the kept one, and no other name is", () => {
  fc.assert(
    fc.property(kept, near, (kept, name) => {
      expect(taken(kept)(name)).toBe(isOwn(name) && name !== kept)
      expect(taken(kept)(kept)).toBe(false)
    }),
    { numRuns: 2_000 },
  )
})

const longest = 'x-fado-bucket'.padEnd(longestHeader, '-of-data')

test.for(['x-fado-bucket', 'x_fado_bucket', 'x-fado-', 'x-data', 'x-fado-buckets', longest])(
  'so it is where the bucket is named by %s',
  (kept) => {
    const isTaken = taken(kept)
    for (let end = 1; end <= kept.length; end++) {
      const start = kept.slice(0, end)
      for (const name of [start, `${start}-`, `${start}x`, start.replaceAll('-', '_'), start.replaceAll('_', '.')])
        expect([name, isTaken(name)]).toEqual([name, isOwn(name) && name !== kept])
    }
  },
)

const spelling = (kept: string) => {
  const patterns = otherSpellings(kept).map((text) => new RegExp(`^(?:${text})$`))
  return (name: string) => patterns.some((pattern) => pattern.test(name))
}
const one = (name: string) => name.replace(/[^a-z0-9:]/g, '_')

test('of a header of your own what differs in its marks alone is taken, and nothing else is', () => {
  const names = fc.stringMatching(/^[-_.~:ab]{1,8}$/)
  fc.assert(
    fc.property(fc.stringMatching(/^[-_ab]{1,8}$/), names, fc.nat(), (kept, other, seed) => {
      const near = kept.replace(
        /[-_]/g,
        (mark, at: number) => ['-', '_', '.', '~', ':', mark][(seed >> at) % 6] ?? mark,
      )
      for (const name of [other, near])
        expect([name, spelling(kept)(name)]).toEqual([name, name !== kept && one(name) === one(kept)])
    }),
    { numRuns: 5_000 },
  )
})

test('no expression is larger than Envoy takes, and so no more marks are', () => {
  // Each character is one instruction of RE2, each mark up to two more, and four are its frame, as Envoy 1.40 counts them.
  const kept = 'x-'.repeat(mostMarks).padEnd(longestHeader, 'x')
  expect(marksOf(kept)).toHaveLength(mostMarks)
  expect(kept.length + 2 * mostMarks + 4).toBeLessThanOrEqual(100)
})
