import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DuePair } from '../../../server/db/copies/due-pairs.ts'
import { type Link, linkId, storesOf } from '../../../server/domain/links/link.ts'
import { planClaims } from '../../../server/replication/claims/plan-claims.ts'
import type { HeldOnLink } from '../../../server/replication/links/held-keys.ts'
import { defaultLimits } from '../../../server/replication/settings.ts'

const store = fc.constantFrom('s1', 's2', 's3', 's4')
const pair: fc.Arbitrary<DuePair> = fc.record({
  bucketId: fc.integer({ min: 1, max: 50 }).map((n) => `b${n}`),
  fromStorageId: store,
  toStorageId: store,
  bulk: fc.boolean(),
  due: fc.boolean(),
  priority: fc.integer({ min: -1, max: 1 }),
  others: fc.subarray(['s1', 's2', 's3', 's4']),
})
const pairs = fc.uniqueArray(pair, {
  selector: (one) => `${one.bucketId} ${one.toStorageId} ${one.bulk}`,
  maxLength: 60,
})
const atOnce = () => defaultLimits.atOnce.first
const emptyRoom = {
  limits: defaultLimits,
  atOnce,
  held: [],
  broken: new Map(),
  turn: 0,
}
/** Between two stores. */
const mostHeld = atOnce() + defaultLimits.ahead
const sum = (picks: readonly { limit: number }[]) => picks.reduce((total, pick) => total + pick.limit, 0)

test('picks never go over the room of a link or a store, and leave places for events', () => {
  const { perStore, ahead, keptForEvents, keptForYoung } = defaultLimits
  const some = fc.array(fc.nat(perStore), { minLength: 16, maxLength: 16 })
  fc.assert(
    fc.property(pairs, some, (all, held) => {
      const links = [...new Map(all.map((link) => [linkId(link), link])).values()]
      const holds = links.map((link, n) => ({ link, events: held[n] ?? 0, young: 0, bulk: 0 }))
      const planned = planClaims(all, { ...emptyRoom, held: holds }).picks
      const { young = [], picks = [] } = Object.groupBy(planned, (pick) => (pick.young === true ? 'young' : 'picks'))
      for (const ofLink of Map.groupBy(young, ({ pair }) => linkId(pair)).values())
        expect(sum(ofLink)).toBeLessThanOrEqual(keptForYoung)
      const roomIn = (places: number, at: readonly HeldOnLink[]) =>
        Math.max(0, places - at.reduce((total, { events }) => total + events, 0))
      for (const [id, ofLink] of Map.groupBy(picks, ({ pair }) => linkId(pair))) {
        const at = holds.filter(({ link }) => linkId(link) === id)
        expect(sum(ofLink)).toBeLessThanOrEqual(roomIn(mostHeld, at))
        const bulk = ofLink.filter((pick) => pick.bulk)
        expect(sum(bulk)).toBeLessThanOrEqual(mostHeld - keptForEvents)
      }
      for (const id of new Set(links.flatMap(storesOf))) {
        const touches = (link: Link) => storesOf(link).includes(id)
        const atStore = picks.filter(({ pair }) => touches(pair))
        const at = holds.filter(({ link }) => touches(link))
        expect(sum(atStore)).toBeLessThanOrEqual(roomIn(perStore + ahead, at))
        const bulk = atStore.filter((pick) => pick.bulk)
        expect(sum(bulk)).toBeLessThanOrEqual(perStore + ahead - keptForEvents)
      }
      for (const { pair } of planned) expect(pair.due).toBe(true)
    }),
  )
})

test('slow links never take the places of another at a store that all of them touch', () => {
  const links = fc.uniqueArray(fc.tuple(store, fc.integer({ min: 1, max: 20 })), {
    selector: ([from, to]) => `${from} ${to}`,
    minLength: 2,
    maxLength: 60,
  })
  fc.assert(
    fc.property(links, fc.boolean(), (all, bulk) => {
      const at = all.map(
        ([from, to], n): DuePair => ({
          ...{
            bucketId: `b${n}`,
            fromStorageId: from,
            toStorageId: `t${to}`,
            bulk,
            due: true,
            priority: 0,
            others: [],
          },
        }),
      )
      const [fast, ...slow] = at as [DuePair, ...DuePair[]]
      const held: HeldOnLink[] = []
      /** What is claimed of the slow ones is never finished; the fast one comes last. */
      const claim = (pairs: readonly DuePair[]) => {
        const { picks } = planClaims(pairs, { ...emptyRoom, held })
        for (const { pair: link, limit } of picks)
          if (link !== fast) held.push({ link, events: bulk ? 0 : limit, young: 0, bulk: bulk ? limit : 0 })
        return picks.find(({ bucketId }) => bucketId === fast.bucketId)?.limit ?? 0
      }
      for (let turn = 0; turn < 4; turn++) expect(claim([...slow, fast])).toBeGreaterThan(0)
    }),
  )
})

test('every due bucket of a link gets a share while there is room for all', () => {
  const buckets = Array.from({ length: 10 }, (_, n) => ({
    bucketId: `b${n}`,
    fromStorageId: 's1',
    toStorageId: 's2',
    bulk: false,
    due: true,
    priority: 0,
    others: [],
  }))
  const { picks } = planClaims(buckets, { ...emptyRoom, atOnce: () => 8, limits: { ...defaultLimits, ahead: 8 } })
  expect(picks.map((pick) => pick.limit)).toEqual([2, 2, 2, 2, 2, 2, 1, 1, 1, 1])
})

test('a store that cannot be reached is tried by one key and takes no room of others', () => {
  fc.assert(
    fc.property(pairs, fc.boolean(), (all, tryNow) => {
      const planned = planClaims(all, { ...emptyRoom, broken: new Map([['s1', { tryNow }]]) })
      const { tried } = planned
      const picks = planned.picks.filter(({ masterAway }) => !masterAway)
      const due = all.filter((one) => one.due && storesOf(one).includes('s1'))
      expect(sum(picks.filter((pick) => storesOf(pick.pair).includes('s1')))).toBe(tryNow && due.length > 0 ? 1 : 0)
      expect(tried).toEqual(tryNow && due.length > 0 ? ['s1'] : [])
      for (const one of all) {
        if (!one.due || storesOf(one).includes('s1')) continue
        const ofLink = picks.filter((pick) => pick.storageId === one.toStorageId && pick.bulk === one.bulk)
        if (!one.bulk) expect(ofLink.length).toBeGreaterThan(0)
      }
    }),
  )
})

test('where a master cannot be reached, what others may have is worked on without it, and nothing else', () => {
  fc.assert(
    fc.property(pairs, fc.boolean(), fc.boolean(), (all, tryNow, otherBroken) => {
      const broken = new Map([['s1', { tryNow }], ...(otherBroken ? ([['s3', { tryNow }]] as const) : [])])
      const { picks } = planClaims(all, { ...emptyRoom, broken })
      for (const { pair, masterAway } of picks) {
        const { fromStorageId, toStorageId, others } = pair
        if (!masterAway) continue
        expect(broken.has(fromStorageId)).toBe(true)
        expect(fromStorageId).not.toBe(toStorageId)
        expect(others.some((id) => !broken.has(id))).toBe(true)
      }
      // None of them waits for the master.
      for (const one of all) {
        const helped = one.others.some((id) => !broken.has(id)) && one.toStorageId !== one.fromStorageId
        if (!one.due || one.fromStorageId !== 's1' || broken.has(one.toStorageId) || !helped || one.bulk) continue
        expect(picks.some((pick) => pick.pair === one)).toBe(true)
      }
    }),
  )
})

test('a flood of events and a first sync never take all places from each other', () => {
  const at = { fromStorageId: 's1', toStorageId: 's2', due: true, priority: 0, others: [] }
  const flood = Array.from({ length: 40 }, (_, n) => ({ ...at, bucketId: `f${n}`, bulk: false }))
  const news = Array.from({ length: 40 }, (_, n) => ({ ...at, bucketId: `n${n}`, bulk: true }))
  const both = [...flood, ...news]
  const place = fc.record({ bulk: fc.boolean(), finished: fc.nat(16) })
  fc.assert(
    fc.property(fc.array(place, { maxLength: 30 }), (turns) => {
      const held = { link: at, events: 0, young: 0, bulk: 0 }
      const claim = () => {
        const { picks } = planClaims(both, { ...emptyRoom, held: [held] })
        for (const { bulk, limit, young = false } of picks) if (!young) held[bulk ? 'bulk' : 'events'] += limit
      }
      claim()
      for (const { bulk, finished } of turns) {
        const kind = bulk ? 'bulk' : 'events'
        held[kind] -= Math.min(finished, held[kind])
        claim()
        expect(held.events + held.bulk).toBeLessThanOrEqual(mostHeld)
        expect(held.bulk).toBeGreaterThanOrEqual(defaultLimits.keptForBulk)
        expect(held.events).toBeGreaterThanOrEqual(defaultLimits.keptForEvents)
      }
    }),
  )
})

test('of bulk the highest priority gets three of four places, all others the fourth, also place by place', () => {
  const at = { fromStorageId: 's1', toStorageId: 's2', due: true, bulk: true, others: [] }
  const both = [
    { ...at, bucketId: 'a', priority: 0 },
    { ...at, bucketId: 'b', priority: 5 },
    { ...at, bucketId: 'c', priority: -5 },
  ]
  /** What each bucket gets in so many turns with so many places. */
  const got = (places: number, turns: number) => {
    const sums: Record<string, number> = {}
    for (let turn = 0; turn < turns; turn++) {
      const used = { link: at, events: 0, young: 0, bulk: mostHeld - defaultLimits.keptForEvents - places }
      const { picks } = planClaims(both, { ...emptyRoom, held: [used], turn })
      for (const { bucketId, limit } of picks) sums[bucketId] = (sums[bucketId] ?? 0) + limit
    }
    return sums
  }
  expect(got(80, 1)).toEqual({ b: 60, a: 10, c: 10 })
  expect(got(1, 400)).toEqual({ b: 300, a: 50, c: 50 })
  expect(got(2, 400)).toEqual({ b: 600, a: 100, c: 100 })
})

test('what events told is not held up by priorities', () => {
  const at = { fromStorageId: 's1', toStorageId: 's2', due: true, others: [] }
  const { picks } = planClaims(
    [
      { ...at, bucketId: 'a', bulk: false, priority: -100 },
      { ...at, bucketId: 'b', bulk: true, priority: 100 },
    ],
    emptyRoom,
  )
  expect(picks[0]).toMatchObject({ bucketId: 'a', limit: 2 * atOnce() - defaultLimits.keptForBulk })
})

test('what changed just now has places of its own on a link that is full of what waits longer, and no more than these', () => {
  const at = { fromStorageId: 's1', toStorageId: 's2', due: true, priority: 0, bulk: false, others: [] }
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(20), fc.boolean(), (buckets, young, isBroken) => {
      const due = Array.from({ length: buckets }, (_, n) => ({ ...at, bucketId: `b${n}` }))
      const held = [{ link: at, events: mostHeld, young, bulk: 0 }]
      const broken = new Map(isBroken ? [['s2', { tryNow: false }]] : [])
      const { picks } = planClaims(due, { ...emptyRoom, held, broken })
      for (const pick of picks) expect(pick.young).toBe(true)
      expect(sum(picks)).toBe(isBroken ? 0 : Math.max(0, defaultLimits.keptForYoung - young))
    }),
  )
})
