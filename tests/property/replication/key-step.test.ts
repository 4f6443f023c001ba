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

/** What a store was told and has not done yet; `replaced`: the write is refused where there is another object than it was to replace. */
type Late =
  | { readonly do: 'put'; readonly item: Item; readonly replaced: string | undefined }
  | { readonly do: 'delete' }
  /** Of whatever object is there. */
  | { readonly do: 'tag'; readonly carried: string }

/**
 * Where a round is cut off: before its request, in it, or before the journal knows how it ended; in the request that gives an object
 * its tags; or the store fails.
 */
const cuts = ['unsent', 'in-request', 'untold', 'in-tags', 'failed'] as const
type Cut = (typeof cuts)[number] | null

/** A copy that nobody else writes to, whose store may do late what it was told. */
function createLateStore() {
  const world = newWorld(false)
  let late: Late[] = []
  /** Resolves to whether it was done. */
  function perform(request: Late): boolean {
    switch (request.do) {
      case 'put':
        if (request.replaced !== world.target?.seen.etag) return false
        world.target = request.item
        return true
      case 'delete':
        world.target = null
        return true
      case 'tag':
        if (world.target === null) return false
        world.target = { ...world.target, seen: { ...world.target.seen, carried: request.carried } }
        return true
    }
  }
  function landAll(): void {
    for (const request of late) perform(request)
    late = []
  }
  /** Of what was told before the store has done each thing by now, or never does it: only so can it answer for a later one. */
  function ask(request: Late, cut: Cut, settle: (isDone: boolean) => void): void {
    if (cut === 'unsent') return
    if (cut === 'in-request') {
      late.push(request)
      return
    }
    landAll()
    const isDone = cut !== 'failed' && perform(request)
    if (cut === null) settle(isDone)
  }
  /** Before what a write that was cut off would be forgotten by, a round waits until the store has done what it was told. */
  function move(cut: Cut): void {
    const { journal } = world
    const facts = { journal, source: world.source?.seen ?? null, target: world.target?.seen ?? null }
    const step = keyStep({ ...facts, sameBytes: null })
    if (late.length > 0 && forgetsWrite(facts, step)) {
      landAll()
      move(cut)
      return
    }
    switch (step.step) {
      case 'note':
        if (cut === null) world.journal = step.journal
        return
      case 'copy': {
        world.journal = step.before
        const item: Item = { seen: { ...step.source, lastModified: world.clock * 1_000 }, by: 'fado' }
        const replaced = step.replaced?.etag
        if (cut === 'in-tags') {
          const untagged: Item = { ...item, seen: { ...item.seen, carried: 'no tags' } }
          ask({ do: 'put', item: untagged, replaced }, 'untold', () => undefined)
          if (world.target === untagged) ask({ do: 'tag', carried: item.seen.carried }, 'in-request', () => undefined)
          return
        }
        ask({ do: 'put', item, replaced }, cut, (isDone) => {
          world.journal = isDone ? rowOfCopy(step.source, item.seen) : journal
        })
        return
      }
      case 'delete':
        world.journal = step.before
        ask({ do: 'delete' }, cut, () => {
          world.journal = null
        })
        return
      case 'nothing':
      case 'amend':
      case 'compare':
        expect(step.step).toBe('nothing')
    }
  }
  return { world, move, landAll, landOne: () => perform(late.shift() ?? { do: 'put', item: nobody, replaced: 'none' }) }
}
const nobody: Item = { seen: make(newWorld(false), 0, 'fado').seen, by: 'fado' }

test('what a store was told and does later is FaDO’s, wherever its rounds were cut off and whatever became of its object since', () => {
  const life = fc.oneof(
    fc.record({
      do: fc.constant('write' as const),
      content: fc.integer({ min: 1, max: 3 }),
      carried: fc.integer({ min: 1, max: 3 }),
    }),
    fc.constant({ do: 'delete' as const }),
    fc.constant({ do: 'land' as const }),
    fc.record({ do: fc.constant('move' as const), cut: fc.constantFrom<Cut>(...cuts, null) }),
  )
  fc.assert(
    fc.property(fc.array(life, { maxLength: 30 }), (steps) => {
      const { world, move, landOne, landAll } = createLateStore()
      for (const step of steps) {
        world.clock++
        if (step.do === 'land') landOne()
        else if (step.do === 'move') move(step.cut)
        else if (step.do === 'delete') world.source = null
        else {
          const { seen, by } = make(world, step.content, 'master')
          world.source = { seen: { ...seen, carried: `${step.carried}` }, by }
        }
        expect(world.journal?.state, 'nobody else writes').not.toBe('conflict')
        expect(world.journal?.state, 'nobody else writes').not.toBe('foreign')
      }
      landAll()
      move(null)
      move(null)
      expect(world.target?.seen.etag).toBe(world.source?.seen.etag)
      expect(world.target?.seen.carried).toBe(world.source?.seen.carried)
    }),
    { numRuns: 10_000 },
  )
})

test('a write that is there as it was meant is not waited for, nor is one of the same version', () => {
  const world = newWorld(false)
  world.source = make(world, 1, 'master')
  round(world, 'after')
  const { journal } = world
  const target = world.target?.seen ?? null
  const stepTo = (source: Seen | null) => keyStep({ journal, target, source, sameBytes: null })
  const next = make(world, 2, 'master').seen
  expect(forgetsWrite({ journal, target }, stepTo(next))).toBe(false)
  expect(forgetsWrite({ journal, target }, stepTo(null))).toBe(false)
  const again = keyStep({ journal, target: null, source: world.source.seen, sameBytes: null })
  expect(forgetsWrite({ journal, target: null }, again)).toBe(false)
  expect(
    forgetsWrite({ journal, target: null }, keyStep({ journal, target: null, source: next, sameBytes: null })),
  ).toBe(true)
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
