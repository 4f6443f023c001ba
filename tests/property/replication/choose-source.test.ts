import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  chooseSource,
  holds,
  type OtherCopy,
  type SourceQuestion,
} from '../../../server/domain/replica/choose-source.ts'

const etags = ['a'.repeat(32), 'b'.repeat(32), `${'c'.repeat(32)}-3`, 'no-digest']
const etag = fc.constantFrom(...etags)
const carried = fc.constantFrom('c1', 'c2')
const speed = fc.record({
  answerMs: fc.option(fc.integer({ min: 1, max: 500 })),
  bytesPerSecond: fc.option(fc.integer({ min: 10_000, max: 1_000_000_000 })),
})
const copyOf = (storageId: string): fc.Arbitrary<OtherCopy> =>
  fc.record({
    storageId: fc.constant(storageId),
    near: fc.nat(2),
    costPerGb: fc.constantFrom(0, 0, 0.05),
    speed,
    permitted: fc.boolean(),
    healthy: fc.boolean(),
    state: fc.constantFrom('there', 'there', 'there', 'writing', 'other'),
    verified: fc.boolean(),
    sourceEtag: fc.option(etag),
    targetEtag: fc.option(etag),
    carried: fc.option(carried),
    waiting: fc.boolean(),
    worked: fc.boolean(),
  })
/** As the master has it, and nothing against it. */
const goodCopyOf = (storageId: string): fc.Arbitrary<OtherCopy> =>
  copyOf(storageId).map((copy) => ({
    ...copy,
    ...{ permitted: true, healthy: true, state: 'there', verified: true, waiting: false, worked: false },
    ...{ sourceEtag: etags[0] as string, targetEtag: etags[0] as string, carried: 'c1' },
  }))
const copies = fc.tuple(...['s1', 's2', 's4'].map((id) => fc.oneof(copyOf(id), goodCopyOf(id))))
const question: fc.Arbitrary<SourceQuestion> = fc.record({
  storageId: fc.constant('s3'),
  size: fc.integer({ min: 0, max: 10_000_000_000 }),
  version: fc.option(
    fc
      .record({ etag, etagIsDigest: fc.boolean(), carried })
      .map((one) => ({ ...one, etagIsDigest: one.etag !== 'no-digest' })),
  ),
  master: fc.record({
    storageId: fc.constant('m'),
    near: fc.nat(2),
    costPerGb: fc.constantFrom(0, 0.02),
    away: fc.boolean(),
    speed,
  }),
  copies,
  mayWait: fc.boolean(),
})

test('bytes come from the master, or from a copy that may lend just the version that is wanted', () => {
  fc.assert(
    fc.property(question, (asked) => {
      const choice = chooseSource(asked)
      if (choice.take !== 'from') return
      if (choice.storageId === 'm') {
        expect(asked.master.away).toBe(false)
        expect(['MASTER_ONLY', 'MASTER_BEST']).toContain(choice.why)
        return
      }
      const copy = asked.copies.find(({ storageId }) => storageId === choice.storageId) as OtherCopy
      expect(copy).toMatchObject({ permitted: true, healthy: true, state: 'there', verified: true, waiting: false })
      expect(copy.sourceEtag).toBe(copy.targetEtag)
      expect(copy.sourceEtag).toMatch(/^[0-9a-f]{32}(-\d+)?$/)
      if (asked.version !== null)
        expect({ etag: copy.sourceEtag, carried: copy.carried }).toEqual({
          etag: asked.version.etag,
          carried: asked.version.carried,
        })
    }),
    { numRuns: 2_000 },
  )
})

test('the order in which the copies are told does not matter, and other names of stores change nothing else', () => {
  fc.assert(
    fc.property(question, (asked) => {
      const choice = chooseSource(asked)
      const turned = chooseSource({ ...asked, copies: asked.copies.toReversed() })
      if (choice.take === 'wait') expect(turned.take).toBe('wait')
      else expect(turned).toEqual(choice)
    }),
  )
})

test('a copy that was measured to be slower is not taken, however near it is', () => {
  fc.assert(
    fc.property(question, copies, (asked, [copy]) => {
      const slow = { ...copy, near: 9, speed: { answerMs: 5, bytesPerSecond: 10_000 } } as OtherCopy
      const fast = { ...asked.master, costPerGb: 0, away: false, speed: { answerMs: 5, bytesPerSecond: 100_000_000 } }
      const choice = chooseSource({ ...asked, size: 5_000_000, master: fast, copies: [slow] })
      expect(choice).toMatchObject({ take: 'from', storageId: 'm' })
    }),
  )
})

test('who waits does so for one that is worked on now, and two that lack it never wait for each other at first', () => {
  fc.assert(
    fc.property(question, (asked) => {
      const choice = chooseSource(asked)
      if (choice.take !== 'wait') return
      expect(asked.mayWait).toBe(true)
      const copy = asked.copies.find(({ storageId }) => storageId === choice.storageId) as OtherCopy
      expect(copy).toMatchObject({ worked: true, permitted: true, healthy: true })
      if (copy.state === 'writing') return
      const other = { ...copy, storageId: asked.storageId, worked: true, state: 'other' } as const
      const theirs = chooseSource({ ...asked, storageId: copy.storageId, copies: [other] })
      expect(theirs.take).not.toBe('wait')
    }),
    { numRuns: 2_000 },
  )
})

const idle = { answerMs: 1, bytesPerSecond: null }
const good: OtherCopy = {
  ...{
    storageId: 's1',
    near: 0,
    costPerGb: 0,
    speed: idle,
    permitted: true,
    healthy: true,
    state: 'there',
    verified: true,
  },
  ...{ sourceEtag: etags[0] as string, targetEtag: etags[0] as string, carried: 'c1', waiting: false, worked: false },
}
const asked: SourceQuestion = {
  ...{ storageId: 's3', size: 1_000_000, mayWait: true, copies: [good] },
  version: { etag: etags[0] as string, etagIsDigest: true, carried: 'c1' },
  master: { storageId: 'm', near: 0, costPerGb: 0, away: false, speed: idle },
}
const slow = { answerMs: 1, bytesPerSecond: 1_000_000 }

test.each([
  ['nothing is measured, nobody is nearer', asked, { storageId: 'm', why: 'MASTER_BEST' }],
  ['nobody else has it', { ...asked, copies: [] }, { storageId: 'm', why: 'MASTER_ONLY' }],
  [
    'the master is slow',
    { ...asked, master: { ...asked.master, speed: slow } },
    { storageId: 's1', why: 'FASTER_LINK' },
  ],
  [
    'both are slow',
    { ...asked, master: { ...asked.master, speed: slow }, copies: [{ ...good, speed: slow }] },
    { storageId: 'm', why: 'MASTER_BEST' },
  ],
  ['it is nearer', { ...asked, copies: [{ ...good, near: 1 }] }, { storageId: 's1', why: 'NEARER' }],
  [
    'the master is away',
    { ...asked, master: { ...asked.master, away: true } },
    { storageId: 's1', why: 'MASTER_AWAY' },
  ],
  [
    'it is cheaper, though slower and farther away',
    { ...asked, master: { ...asked.master, near: 2, costPerGb: 0.09 }, copies: [{ ...good, speed: slow }] },
    { storageId: 's1', why: 'CHEAPER' },
  ],
  [
    'it is nearer, and dearer than the master',
    { ...asked, copies: [{ ...good, near: 1, costPerGb: 0.01 }] },
    { storageId: 'm', why: 'MASTER_BEST' },
  ],
  [
    'of two the cheaper one, before the faster',
    {
      ...asked,
      master: { ...asked.master, costPerGb: 0.09 },
      copies: [
        { ...good, costPerGb: 0.05 },
        { ...good, storageId: 's2', costPerGb: 0.01, speed: slow },
      ],
    },
    { storageId: 's2', why: 'CHEAPER' },
  ],
  [
    'the master is away, and of its copies one is cheaper',
    {
      ...asked,
      master: { ...asked.master, away: true },
      copies: [
        { ...good, costPerGb: 1 },
        { ...good, storageId: 's2', speed: slow },
      ],
    },
    { storageId: 's2', why: 'MASTER_AWAY' },
  ],
  [
    'a small object is not worth a request more',
    { ...asked, size: 4_000, master: { ...asked.master, speed: slow } },
    { storageId: 'm', why: 'MASTER_BEST' },
  ],
])('%s', (_, given, expected) => {
  expect(chooseSource(given)).toEqual({ take: 'from', ...expected })
})

test('of a slow master each byte comes once: who is later waits while the other is worked on, and no longer', () => {
  const coming: OtherCopy = {
    ...good,
    state: 'writing',
    verified: false,
    targetEtag: null,
    waiting: true,
    worked: true,
  }
  const master = { ...asked.master, speed: slow }
  const wait = { ...asked, master, copies: [coming] }
  expect(chooseSource(wait)).toEqual({ take: 'wait', storageId: 's1' })
  expect(chooseSource({ ...wait, mayWait: false })).toMatchObject({ storageId: 'm' })
  expect(chooseSource({ ...wait, copies: [{ ...coming, worked: false }] })).toMatchObject({ storageId: 'm' })
  expect(chooseSource({ ...wait, size: 100_000 })).toMatchObject({ storageId: 'm' })
})

test('bytes never come from a dearer copy than another that holds the version, or than a master that answers', () => {
  fc.assert(
    fc.property(question, (asked) => {
      const choice = chooseSource(asked)
      if (choice.take !== 'from') return
      const holders = asked.copies.filter((copy) => holds(copy, asked.version))
      const all = [...holders, ...(asked.master.away ? [] : [asked.master])]
      const taken = all.find(({ storageId }) => storageId === choice.storageId)
      expect(taken?.costPerGb).toBe(Math.min(...all.map(({ costPerGb }) => costPerGb)))
      if (choice.why === 'CHEAPER') expect(taken?.costPerGb).toBeLessThan(asked.master.costPerGb)
    }),
    { numRuns: 2_000 },
  )
})

test('what holds a version is known by ETag and by all that is beside the bytes', () => {
  expect(holds(good, asked.version)).toBe(true)
  expect(holds({ ...good, carried: 'c2' }, asked.version)).toBe(false)
  expect(holds({ ...good, targetEtag: etags[1] as string }, asked.version)).toBe(false)
})
