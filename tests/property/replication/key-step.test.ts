import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JournalRow } from '../../../server/db/copies/journal-row.ts'
import type { Seen } from '../../../server/replication/keys/carried.ts'
import {
  forgetsWrite,
  keyStep,
  rowOfCopy,
  rowOfRefusal,
  rowOfUntagged,
} from '../../../server/replication/keys/key-step.ts'

/** An object and who wrote it; the mover does not see the writer. */
type Item = { readonly seen: Seen; readonly by: 'master' | 'fado' | 'others' }
type World = {
  source: Item | null
  target: Item | null
  journal: JournalRow | null
  clock: number
  /** A user gave the copy to FaDO. */
  readonly takingOver: boolean
}

const digest = (n: number) => n.toString(16).padStart(32, '0')
const make = (world: World, content: number, by: Item['by']): Item => ({
  seen: {
    etag: digest(content),
    etagIsDigest: true,
    size: 5,
    lastModified: world.clock * 1_000,
    coding: '',
    carried: `${content % 3}`,
  },
  by,
})
/** Where the mover dies: before its write, after it, or not at all; or the store does not take the object, or not its tags. */
type Crash = 'before' | 'after' | 'refused' | 'untagged' | null

/** One round of the mover's protocol, by the product's own steps. Fails when it touches what others wrote. */
function round(world: World, crash: Crash): void {
  const source = world.source?.seen ?? null
  const target = world.target?.seen ?? null
  const step = keyStep({ journal: world.journal, source, target, sameBytes: null, takingOver: world.takingOver })
  const ordered = world.journal?.state === 'overwrite'
  switch (step.step) {
    case 'nothing':
      return
    case 'note':
      world.journal = step.journal
      if (step.journal?.state === 'there') giveToFado(world)
      return
    case 'amend': {
      giveToFado(world)
      expect(step.target.etag).toBe(step.source.etag)
      world.journal = step.before
      if (crash === 'before') return
      world.target = { seen: { ...step.source, lastModified: world.clock * 1_000 }, by: 'fado' }
      if (crash === 'after') return
      world.journal = rowOfCopy(step.source, world.target.seen)
      return
    }
    case 'copy': {
      expect(step.replaced).toEqual(target)
      if (!ordered) expect(world.target?.by ?? 'fado', 'overwritten').toBe('fado')
      const before = world.journal
      world.journal = step.before
      if (crash === 'before') return
      if (crash === 'refused') {
        world.journal = rowOfRefusal(step, before)
        return
      }
      world.target = { seen: { ...step.source, lastModified: world.clock * 1_000 }, by: 'fado' }
      if (crash === 'after') return
      if (crash === 'untagged') {
        world.target = { ...world.target, seen: { ...world.target.seen, carried: 'no tags' } }
        world.journal = rowOfUntagged(step.source, world.target.seen)
        return
      }
      world.journal = rowOfCopy(step.source, world.target.seen)
      return
    }
    case 'delete':
      if (!ordered) expect(world.target?.by, 'deleted').toBe('fado')
      world.journal = step.before
      if (crash === 'before') return
      world.target = null
      if (crash === 'after') return
      world.journal = null
      return
    case 'compare':
      throw new Error('digests of one part always tell')
  }
}

/** What has the master's bytes in a copy that is taken over becomes FaDO's; nothing else ever does. */
function giveToFado(world: World): void {
  if (world.target?.by !== 'others') return
  expect(world.takingOver, 'taken without an order').toBe(true)
  expect(world.target.seen.etag, 'taken though its bytes are others').toBe(world.source?.seen.etag)
  world.target = { ...world.target, by: 'fado' }
}

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('write' as const), content: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('others-write' as const), content: fc.integer({ min: 100, max: 104 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('others-equal' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('others-same-bytes' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('others-delete' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('order' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      crash: fc.constantFrom<Crash>('before', 'after', 'refused', 'untagged', null),
    }),
  },
)

function play(world: World, steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[]): void {
  for (const one of steps) {
    world.clock++
    switch (one.do) {
      case 'write':
        world.source = make(world, one.content, 'master')
        break
      case 'delete':
        world.source = null
        break
      case 'others-write':
        world.target = make(world, one.content, 'others')
        break
      case 'others-equal':
        // Just what a crashed write would have left cannot be told from it.
        if (world.source !== null && world.journal?.state !== 'writing')
          world.target = { seen: { ...world.source.seen, lastModified: world.clock * 1_000 }, by: 'others' }
        break
      case 'others-same-bytes':
        if (world.source !== null && world.journal?.state !== 'writing')
          world.target = {
            seen: { ...world.source.seen, carried: 'theirs', lastModified: world.clock * 1_000 },
            by: 'others',
          }
        break
      case 'others-delete':
        world.target = null
        break
      case 'order':
        if (world.journal?.state === 'conflict') world.journal = { ...world.journal, state: 'overwrite' }
        break
      case 'move':
        round(world, one.crash)
    }
  }
}

const newWorld = (takingOver: boolean): World => ({ source: null, target: null, journal: null, clock: 1, takingOver })

/** What others put there with just our bytes and metadata is, for all anyone can tell, ours. */
const othersTookOver = ({ target, journal }: World): boolean =>
  target?.by === 'others' &&
  journal?.targetEtag === target.seen.etag &&
  (journal.targetCarried === null || journal.targetCarried === target.seen.carried) &&
  ['there', 'refused', 'writing', 'deleting'].includes(journal.state)

test('whatever happens and wherever it dies, a mover never overwrites or deletes what others wrote without an order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.boolean(), (steps, takingOver) => {
      const world = newWorld(takingOver)
      for (const one of steps) {
        play(world, [one])
        if (othersTookOver(world) && world.target !== null) world.target = { ...world.target, by: 'fado' }
      }
    }),
    { numRuns: 3_000 },
  )
})

/**
 * A write that a store was told and has not done yet. It is refused when there is another object than it was to replace. A store that
 * answers for a later write of the key has done it, or never will.
 */
type LateWrite = { readonly item: Item; readonly replaced: string | undefined }

test('a write that was cut off and lands later is FaDO’s, whatever became of its object and of the writes after it', () => {
  const life = fc.oneof(
    fc.record({ do: fc.constant('write' as const), content: fc.integer({ min: 1, max: 6 }) }),
    fc.constant({ do: 'delete' as const }),
    fc.constant({ do: 'land' as const }),
    fc.record({ do: fc.constant('move' as const), crash: fc.constantFrom<'before' | null>('before', null) }),
  )
  fc.assert(
    fc.property(fc.array(life, { maxLength: 30 }), (steps) => {
      const world = newWorld(false)
      let late: LateWrite | null = null
      const land = () => {
        if (late !== null && late.replaced === world.target?.seen.etag) world.target = late.item
        late = null
      }
      /** In the time that a round waits for it the store does what it was told. */
      function move(crash: 'before' | null): void {
        const facts = { journal: world.journal, source: world.source?.seen ?? null, target: world.target?.seen ?? null }
        const step = keyStep({ ...facts, sameBytes: null })
        if (late !== null && forgetsWrite(facts, step)) {
          land()
          move(crash)
          return
        }
        round(world, crash)
        if (step.step !== 'copy') return
        const item: Item = { seen: { ...step.source, lastModified: world.clock * 1_000 }, by: 'fado' }
        late = crash === null ? null : { item, replaced: step.replaced?.etag }
      }
      for (const step of steps) {
        if (step.do === 'land') land()
        else if (step.do === 'move') move(step.crash)
        else play(world, [step])
        expect(world.journal?.state, 'nobody else writes').not.toBe('conflict')
      }
      land()
      move(null)
      move(null)
      expect(world.target?.seen.etag).toBe(world.source?.seen.etag)
    }),
    { numRuns: 3_000 },
  )
})

test('when nothing changes any more, two rounds settle a key: equal to the master, or a conflict with what others wrote', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.boolean(), (steps, takingOver) => {
      const world = newWorld(takingOver)
      for (const one of steps) {
        play(world, [one])
        if (othersTookOver(world) && world.target !== null) world.target = { ...world.target, by: 'fado' }
      }
      round(world, null)
      round(world, null)
      const settled = structuredClone(world)
      round(world, null)
      expect(world, 'a further round changes nothing').toEqual(settled)
      const { source, target, journal } = world
      if (journal?.state === 'conflict') {
        expect(target).not.toBeNull()
        return
      }
      if (source !== null) {
        expect(target?.seen).toMatchObject({ etag: source.seen.etag, carried: source.seen.carried })
        expect(journal).toMatchObject({ sourceEtag: source.seen.etag, targetEtag: target?.seen.etag })
      } else {
        expect(target?.by ?? 'others', 'what is left is not ours').toBe('others')
        expect(journal).toBeNull()
      }
    }),
    { numRuns: 3_000 },
  )
})
