import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JournalEntry } from '../../../server/db/copies/read-journal.ts'
import { diffKey } from '../../../server/replication/keys/diff-key.ts'
import { brakeLimit, isBraked } from '../../../server/replication/tasks/brake.ts'
import { mergeJoin } from '../../../server/replication/tasks/merge-join.ts'
import type { ListedObject } from '../../../server/storage/storage-values.ts'

const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }).filter((text) => text.isWellFormed())
const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** Pages of any size, empty ones too, as stores and tables give them. */
async function* pagesOf<T>(items: readonly T[], sizes: readonly number[]): AsyncGenerator<readonly T[]> {
  let place = 0
  for (let turn = 0; place < items.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    yield items.slice(place, place + size)
    place += size
  }
}
const sizes = fc
  .array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 })
  .filter((all) => all.some((n) => n > 0))
const sorted = fc.uniqueArray(key, { maxLength: 30 }).map((keys) => keys.sort(byBytes).map((one) => ({ key: one })))

test('three listings are joined to each key once, in byte order, with what each has of it', async () => {
  await fc.assert(
    fc.asyncProperty(sorted, sorted, sorted, sizes, async (a, b, c, pages) => {
      const joined = []
      for await (const one of mergeJoin(pagesOf(a, pages), pagesOf(b, pages), pagesOf(c, pages))) joined.push(one)
      const has = (list: readonly { key: string }[], wanted: string) => list.find((one) => one.key === wanted)
      const all = [...new Set([...a, ...b, ...c].map((one) => one.key))].sort(byBytes)
      expect(joined).toEqual(all.map((one) => ({ key: one, a: has(a, one), b: has(b, one), c: has(c, one) })))
    }),
  )
})

test('a listing that fails half-way makes the join fail, and the others are closed', async () => {
  let closed = false
  async function* failing(): AsyncGenerator<readonly { key: string }[]> {
    yield [{ key: 'a' }]
    throw new Error('cut')
  }
  async function* endless(): AsyncGenerator<readonly { key: string }[]> {
    try {
      for (let n = 0; ; n++) yield [{ key: `b${String(n).padStart(9, '0')}` }]
    } finally {
      closed = true
    }
  }
  await expect(async () => {
    for await (const _ of mergeJoin(failing(), endless(), endless()));
  }).rejects.toThrow('cut')
  expect(closed).toBe(true)
})

const etag = fc.constantFrom('e1', 'e2')
const time = fc.constantFrom(1_000, 1_400, 2_000)
const listed: fc.Arbitrary<ListedObject> = fc.record({
  key: fc.constant('k'),
  size: fc.constant(1),
  etag,
  lastModified: time,
})
const entry: fc.Arbitrary<JournalEntry> = fc.record({
  key: fc.constant('k'),
  state: fc.constantFrom('writing', 'there', 'deleting', 'refused', 'foreign', 'conflict', 'overwrite'),
  sourceEtag: fc.option(etag),
  sourceModified: fc.option(fc.constantFrom(1_000, 2_000)),
  carried: fc.constant('c'),
  size: fc.constant(1),
  targetEtag: fc.option(etag),
  targetModified: fc.option(fc.constantFrom(1_000, 2_000)),
  targetCarried: fc.constant('c'),
  uploadId: fc.constant(null),
  verified: fc.boolean(),
  waiting: fc.constant(false),
  deleteTold: fc.constant(false),
  older: fc.constant(true),
})
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })

test('a comparison calls a key the same only where journal, master and replica agree, and suggests deletes only of our own', () => {
  fc.assert(
    fc.property(maybe(listed), maybe(entry), maybe(listed), (master, journal, replica) => {
      const finding = diffKey(master, journal, replica)
      if (finding === 'delete') {
        expect(master).toBeUndefined()
        expect(['there', 'writing', 'deleting', 'refused']).toContain(journal?.state)
        expect(replica).toBeDefined()
      }
      if (finding !== 'same' || master === undefined) return
      expect(journal?.sourceEtag, 'the master is as journaled').toBe(master.etag)
      expect(journal?.targetEtag ?? undefined, 'the replica is as journaled').toBe(replica?.etag)
      expect(['there', 'refused', 'foreign', 'conflict']).toContain(journal?.state)
    }),
    { numRuns: 5_000 },
  )
})

test('the brake lets at most the larger of both figures pass, and never all of a replica', () => {
  const brake = fc.record({ objects: fc.nat(200), percent: fc.integer({ min: 0, max: 100 }) })
  fc.assert(
    fc.property(fc.nat(2_000), fc.nat(2_000), brake, (some, more, policy) => {
      const [deletes, ours] = [Math.min(some, more), Math.max(some, more)]
      const passes = !isBraked(deletes, ours, policy)
      if (deletes === 0) expect(passes).toBe(true)
      else if (deletes === ours) expect(passes).toBe(false)
      else expect(passes).toBe(deletes <= policy.objects || deletes <= (ours * policy.percent) / 100)
      expect(brakeLimit(ours, policy)).toBeGreaterThanOrEqual(policy.objects)
    }),
  )
})
