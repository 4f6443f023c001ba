import { expect, test } from 'vitest'
import { createLinkGate } from '../../../../../server/replication/links/link-gate.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** As many as get in, of so many that ask. */
async function admitted(gate: ReturnType<typeof createLinkGate>, bulk: boolean, asking: number) {
  const leaves: (() => void)[] = []
  for (let i = 0; i < asking; i++) void gate.enter(bulk, 1).then((leave) => leaves.push(leave))
  await turn()
  return leaves
}

test('a gate admits events before bulk, keeps places for them, and takes a place back once', async () => {
  const gate = createLinkGate(() => 3)
  const order: string[] = []
  const enter = async (name: string, bulk: boolean) => {
    const leave = await gate.enter(bulk, 1)
    order.push(name)
    return leave
  }
  const bulk = [enter('bulk1', true), enter('bulk2', true), enter('bulk3', true)]
  const leave1 = await bulk[0]
  await bulk[1]
  const event = await enter('event1', false)
  const late = enter('event2', false)
  expect(order).toEqual(['bulk1', 'bulk2', 'event1'])
  leave1?.()
  leave1?.()
  await late
  expect(order).toEqual(['bulk1', 'bulk2', 'event1', 'event2'])
  event()
  await bulk[2]
  expect(order.at(-1)).toBe('bulk3')
})

test('a gate lets bulk in beside events that never end', async () => {
  const gate = createLinkGate(() => 2)
  const leave = await Promise.all([gate.enter(false, 1), gate.enter(false, 1)])
  const order: string[] = []
  const waiting = [gate.enter(false, 1), gate.enter(false, 1), gate.enter(true, 1)].map(async (one, place) => {
    await one
    order.push(place === 2 ? 'bulk' : 'event')
  })
  leave[0]()
  await waiting[2]
  expect(order).toEqual(['bulk'])
  leave[1]()
  await waiting[0]
  expect(order).toEqual(['bulk', 'event'])
})

test('a large object takes the places of many, waits until they are free, and is not passed by those that ask later', async () => {
  const gate = createLinkGate(() => 4)
  const order: string[] = []
  const enter = async (name: string, bulk: boolean, places: number) => {
    const leave = await gate.enter(bulk, places)
    order.push(name)
    return leave
  }
  const [one, two] = await Promise.all([enter('small1', false, 1), enter('small2', false, 1)])
  const large = enter('large', false, 3)
  const later = enter('later', false, 1)
  await turn()
  expect(order).toEqual(['small1', 'small2'])
  one()
  const leaveLarge = await large
  await turn()
  expect(order).toEqual(['small1', 'small2', 'large'])
  two()
  const leaveLater = await later
  leaveLarge()
  leaveLater()
  // One that wants more than there is, or than bulk may have, gets what there is.
  const leave = await enter('huge', true, 9)
  expect(gate.taken()).toBe(3)
  await enter('beside', false, 1)
  const after = enter('after', false, 1)
  await turn()
  expect(order.at(-1)).toBe('beside')
  leave()
  await after
  expect(gate.taken()).toBe(2)
})

test('a large object is not held up for ever by small ones of the other class, however low the limit', async () => {
  for (const [limit, isBulk] of [2, 3, 5, 8, 16, 64].flatMap((one) => [[one, true] as const, [one, false] as const])) {
    const gate = createLinkGate(() => limit)
    let isIn = false
    const others = await admitted(gate, !isBulk, 1_000)
    void gate.enter(isBulk, 8).then(() => {
      isIn = true
    })
    for (let i = 0; i < 500 && !isIn; i++) {
      others.shift()?.()
      await turn()
    }
    expect([limit, isBulk, isIn]).toEqual([limit, isBulk, true])
  }
})

test('a limit that grows lets in at once who waits, and one that falls lets what is under way end', async () => {
  let limit = 4
  const gate = createLinkGate(() => limit)
  const leaves = await admitted(gate, false, 10)
  expect([leaves.length, gate.taken(), gate.isFull()]).toEqual([4, 4, true])
  limit = 6
  gate.changed()
  await turn()
  expect(leaves).toHaveLength(6)
  limit = 2
  gate.changed()
  for (const leave of leaves.slice(0, 4)) leave()
  await turn()
  expect([leaves.length, gate.taken()]).toEqual([6, 2])
  leaves[4]?.()
  await turn()
  expect([leaves.length, gate.taken()]).toEqual([7, 2])
})

test('the places that are kept for events and for bulk follow the limit', async () => {
  for (const [limit, mostBulk] of [
    [2, 1],
    [8, 6],
    [64, 48],
    [128, 96],
  ] as const) {
    const gate = createLinkGate(() => limit)
    const bulk = await admitted(gate, true, 200)
    expect(bulk).toHaveLength(mostBulk)
    const events = await admitted(gate, false, 200)
    expect(events).toHaveLength(limit - mostBulk)
    // Events take what bulk gives back, but for its own share.
    for (const leave of bulk.splice(0)) leave()
    await turn()
    expect([events.length, bulk.length]).toEqual([limit - Math.ceil(limit / 8), Math.ceil(limit / 8)])
  }
})
