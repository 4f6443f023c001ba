import { expect, test } from 'vitest'
import { createHeldKeys } from '../../../../../server/replication/links/held-keys.ts'
import { defaultLimits } from '../../../../../server/replication/settings.ts'

const link = (fromStorageId: string, toStorageId: string) => ({ fromStorageId, toStorageId })
const [ab, ac, own] = [link('a', 'b'), link('a', 'c'), link('a', 'a')]
const [told, bulkKey] = [
  { bulk: false, young: true },
  { bulk: true, young: false },
]
const holdMany = (held: ReturnType<typeof createHeldKeys>, at: typeof ab, count: number) =>
  Array.from({ length: count }, () => held.hold(at, bulkKey))
const figures = (held: ReturnType<typeof createHeldKeys>) =>
  held.now().map((one) => [`${one.link.fromStorageId}${one.link.toStorageId}`, one.events, one.young, one.bulk])

test('a key is held once until it is let go, however often that is said', () => {
  const held = createHeldKeys(defaultLimits, () => 8)
  const [event, bulk] = [held.hold(ab, told), held.hold(link('a', 'b'), bulkKey)]
  held.hold(ac, bulkKey)
  expect(figures(held)).toEqual([
    ['ab', 1, 1, 1],
    ['ac', 0, 0, 1],
  ])
  for (let i = 0; i < 3; i++) event()
  expect(figures(held)).toEqual([
    ['ab', 0, 0, 1],
    ['ac', 0, 0, 1],
  ])
  bulk()
  // What is let go twice is no other key, which the link holds by now.
  held.hold(ab, bulkKey)
  bulk()
  expect(figures(held)).toEqual([
    ['ac', 0, 0, 1],
    ['ab', 0, 0, 1],
  ])
})

test('a link wants more keys while it holds no more than half of what it may, or lacks as many as go together', () => {
  // 8 at once, 40 ahead.
  for (const [together, upTo] of [
    [100, 24],
    [10, 38],
  ] as const) {
    const held = createHeldKeys({ ...defaultLimits, ahead: 40, together }, () => 8)
    expect(held.isHungry(ab)).toBe(true)
    holdMany(held, ab, upTo)
    expect(held.isHungry(ab)).toBe(true)
    const letGo = held.hold(ab, told)
    expect(held.isHungry(ab)).toBe(false)
    letGo()
    expect(held.isHungry(ab)).toBe(true)
  }
})

test('what a link may hold is its share of each of its stores among the links that hold keys there', () => {
  // 40 at each store.
  const limits = { ...defaultLimits, perStore: 40, ahead: 24, keptForEvents: 16, keptForBulk: 8, together: 1_000 }
  const held = createHeldKeys(limits, () => 1_000)
  const letGo = holdMany(held, ab, 20)
  expect(held.isHungry(ab)).toBe(true)
  // Half of a's is left; with c, or with what is known of its own masters, alike.
  for (const at of [ac, own]) {
    const letGoOther = held.hold(at, bulkKey)
    expect(held.isHungry(ab)).toBe(false)
    letGoOther()
    expect(held.isHungry(ab)).toBe(true)
  }
  const letGoOther = [held.hold(ac, bulkKey), held.hold(own, bulkKey)]
  for (const one of letGo.splice(0, 14)) one()
  expect(held.isHungry(ab)).toBe(true)
  held.hold(ab, bulkKey)
  expect(held.isHungry(ab)).toBe(false)
  for (const one of letGoOther) one()
  expect(held.isHungry(ab)).toBe(true)
})
