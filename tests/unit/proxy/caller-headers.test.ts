import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ownNamesBut } from '../../../proxy/resources/caller-headers.ts'
import { longestHeader } from '../../../server/domain/http-names.ts'

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
