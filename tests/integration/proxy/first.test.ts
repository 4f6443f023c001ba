import { expect, test } from 'vitest'
import { balancedFleet } from '../../support/balanced-fleet.ts'
import { startFunctions, tableOf } from '../../support/routing.ts'

test('FIRST goes to the first cluster alone while it is well, then to the next, and comes back', async () => {
  const { calls, tell } = await balancedFleet('first', [1, 1, 1])
  const ill = { health: 'unhealthy' } as const
  const onlyServing = async (name: string) => {
    await expect.poll(() => calls(1), { timeout: 10_000 }).toEqual([name])
    expect(new Set(await calls(30))).toEqual(new Set([name]))
  }
  await onlyServing('c0')
  tell(ill)
  await onlyServing('c1')
  tell(ill, ill)
  await onlyServing('c2')
  tell(ill, ill, ill)
  await onlyServing('503')
  tell({}, ill)
  await onlyServing('c0')
})

test('FIRST has an order for each bucket', async () => {
  const { proxy, acked, call } = await balancedFleet('first', [1, 1, 1])
  const table = tableOf(['c0', 'c1', 'c2'], { lbPolicy: 'first', order: ['c2', 'c0', 'c1'] })
  proxy.apply({ kind: 'routes', routes: [{ bucket: 'other', number: 3, table }] })
  await acked(3)
  for (const [bucket, name] of [
    ['all', 'c0'],
    ['other', 'c2'],
  ] as const) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => call('/function/f', { bucket })))
    expect(new Set(answers.map(({ headers }) => headers['x-fado-served-by']))).toEqual(new Set([name]))
  }
})

test('FIRST: when the first cluster dies under load no call fails that was not on its way to it, and it takes over again', async () => {
  const { servedBy, servers } = await balancedFleet('first', [1, 1])
  const failures: { readonly began: number; readonly status: string }[] = []
  const served = new Map<string, number>()
  let on = true
  const load = Array.from({ length: 16 }, async () => {
    while (on) {
      const began = performance.now()
      const by = await servedBy('/function/f')
      if (by.startsWith('c')) served.set(by, (served.get(by) ?? 0) + 1)
      else failures.push({ began, status: by })
    }
  })
  const more = async (name: string) => {
    const least = (served.get(name) ?? 0) + 300
    await expect.poll(() => served.get(name) ?? 0, { timeout: 10_000 }).toBeGreaterThan(least)
  }
  await more('c0')
  expect(served.has('c1')).toBe(false)
  await servers[0]?.stop()
  // Envoy may not have seen yet that its open connections have ended.
  const dead = performance.now() + 20
  await more('c1')
  await startFunctions('c0', undefined, servers[0]?.port)
  await more('c0')
  const before = served.get('c1')
  await more('c0')
  expect(served.get('c1')).toBe(before)
  on = false
  await Promise.all(load)
  expect(failures.filter(({ began }) => began > dead)).toEqual([])
})
