import { expect, test } from 'vitest'
import type { Pool } from '../../../../../server/db/core/pool.ts'
import type { Log } from '../../../../../server/log.ts'
import { StoreBroke } from '../../../../../server/replication/after-failure.ts'
import { Interrupted } from '../../../../../server/replication/interrupted.ts'
import { createLinks } from '../../../../../server/replication/links/links.ts'
import { defaultLimits } from '../../../../../server/replication/settings.ts'
import type { Answered, Stores } from '../../../../../server/replication/stores/stores.ts'

const turn = () => new Promise(setImmediate)
const never = new AbortController().signal
const small = { bulk: false, young: true, size: 1 }

/** A link that works on `limit` keys at once and lets `parked` of all wait. */
function linkOf({ limit = 2, parked = 1 } = {}) {
  let wakes = 0
  let awayMs = 0
  let hear: (answer: Answered) => void = () => undefined
  const stores = {
    awayMs: (id) => (id === 'b' ? awayMs : 0),
    fastest: () => null,
    heardBy(hears) {
      hear = hears
      return stores
    },
  } as Partial<Stores> as Stores
  const atOnce = { least: 2, first: limit, most: 128 }
  const links = createLinks({
    ...{ pool: {} as Pool, log: {} as Log, owner: 'mover', stores, limits: { ...defaultLimits, atOnce, parked } },
    wake: () => wakes++,
  })
  const link = links.of({ fromStorageId: 'a', toStorageId: 'b' })
  return {
    ...{ links, link, wakes: () => wakes, hold: (claim = small, signal = never) => link.hold(claim, signal) },
    inUse: () => link.figures().inUse,
    held: () => links.held().reduce((sum, { events, bulk }) => sum + events + bulk, 0),
    broke: (ms: number) => {
      awayMs = ms
    },
    overloaded: () =>
      hear({ storageId: 'b', method: 'put', beganAt: performance.now(), ms: 1, isSmall: true, error: 'slow-down' }),
  }
}

test('a key is held from its claim on, has a place when it is its turn, and gives both back once', async () => {
  const { hold, held, inUse } = linkOf()
  const [one, two, three] = [hold(), hold(), hold()]
  await Promise.all([one.enter(), two.enter()])
  let isIn = false
  const entering = three.enter().then(() => {
    isIn = true
  })
  await turn()
  expect([held(), inUse(), isIn]).toEqual([3, 2, false])
  one.end()
  one.end()
  await entering
  expect([held(), inUse()]).toEqual([2, 2])
  two.end()
  three.end()
  expect([held(), inUse()]).toEqual([0, 0])
})

test('a parked key takes nothing, waits for its turn again, and ends as any other, also when its work is given up', async () => {
  const { hold, held, inUse, wakes } = linkOf()
  const controller = new AbortController()
  const [one, two] = [hold(small, controller.signal), hold()]
  await one.enter()
  const waiting = Promise.withResolvers<string>()
  const parked = one.park(waiting.promise)
  expect([held(), inUse(), wakes()]).toEqual([1, 0, 1])
  // Of all keys no more may wait so: this one keeps what it has.
  await two.enter()
  const beside = two.park(waiting.promise)
  expect([held(), inUse(), wakes()]).toEqual([1, 1, 1])
  waiting.resolve('there')
  expect(await Promise.all([parked, beside])).toEqual(['there', 'there'])
  expect([held(), inUse()]).toEqual([2, 2])
  two.end()
  const givenUp = one.park(new Promise(() => undefined))
  expect([held(), inUse(), wakes()]).toEqual([0, 0, 2])
  controller.abort(new Interrupted('lease'))
  await expect(givenUp).rejects.toThrow('lease')
  expect([held(), inUse()]).toEqual([1, 1])
  one.end()
  expect([held(), inUse()]).toEqual([0, 0])
})

test('a key that has no turn takes one for each of its requests; one that has makes them at once', async () => {
  const { hold, inUse } = linkOf({ limit: 4 })
  const [whole, single] = [hold(), hold()]
  await whole.enter()
  expect(await whole.inTurn(async () => inUse())).toBe(1)
  expect(await single.inTurn(async () => inUse())).toBe(2)
  await expect(single.inTurn(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused')
  expect(inUse()).toBe(1)
  single.end()
  whole.end()
})

test('a request is not made of a store that broke since its key was claimed, though one that was broken before is tried', async () => {
  const { hold, inUse, broke, link } = linkOf()
  const key = hold()
  broke(60_000)
  expect(await key.inTurn(async () => 'tried')).toBe('tried')
  const since = performance.now()
  await expect.poll(() => performance.now() > since).toBe(true)
  broke(0.000_001)
  await expect(key.inTurn(async () => 'tried')).rejects.toThrow(StoreBroke)
  expect(inUse()).toBe(0)
  expect(() => link.requireStores(performance.now() + 1_000)).not.toThrow()
})

test('a large key takes an eighth of the places, at least those of four small ones', async () => {
  for (const [limit, places] of [
    [4, 4],
    [32, 4],
    [64, 8],
  ] as const) {
    const { hold, inUse } = linkOf({ limit })
    const large = hold({ bulk: false, young: true, size: 10_000_000 })
    await large.enter()
    expect([limit, inUse()]).toEqual([limit, places])
    large.end()
  }
})

test('a link is known from its first key on, and what its stores answer is its limit', () => {
  const { links, link, overloaded } = linkOf({ limit: 16 })
  const other = { fromStorageId: 'b', toStorageId: 'a' }
  expect(links.of({ fromStorageId: 'a', toStorageId: 'b' })).toBe(link)
  expect([links.limitOf(link), links.limitOf(other)]).toEqual([16, 16])
  overloaded()
  expect([links.limitOf(link), links.limitOf(other)]).toEqual([8, 16])
  expect(link.figures()).toMatchObject({ limit: 8, most: 128, lowered: { why: 'slow-down', storageId: 'b' } })
})
