import http from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { balancedFleet } from '../../support/balanced-fleet.ts'
import { startFunctions } from '../../support/routing.ts'

/** On a busy machine an Envoy may take its time. */
const long = { timeout: 10_000 }

type Placed = ReadonlyMap<string, string>
const share = (placed: Placed, name: string) => [...placed.values()].filter((by) => by === name).length / placed.size

/** Of each key, who serves it. */
async function place(keys: readonly string[], servedBy: (key: string) => Promise<string>): Promise<Placed> {
  const placed = new Map<string, string>()
  for (const key of keys) placed.set(key, await servedBy(key))
  return placed
}

const uris = Array.from({ length: 600 }, (_, i) => `/function/f?object=${i}`)

test('URI_HASH: an address keeps its deployment; when one goes only its own move, to all others, and then back', async () => {
  const { servedBy, tell } = await balancedFleet('uri_hash', [1, 1, 1, 1])
  const before = await place(uris, servedBy)
  for (const name of ['c0', 'c1', 'c2', 'c3']) {
    expect(share(before, name)).toBeGreaterThan(0.18)
    expect(share(before, name)).toBeLessThan(0.32)
  }
  expect(await place(uris, servedBy)).toEqual(before)

  tell({}, {}, { health: 'unhealthy' })
  const own = uris.filter((uri) => before.get(uri) === 'c2')
  await expect.poll(() => place(own.slice(0, 20), servedBy).then((placed) => share(placed, 'c2')), long).toBe(0)
  const without = await place(uris, servedBy)
  const moved = uris.filter((uri) => without.get(uri) !== before.get(uri))
  expect(moved.filter((uri) => before.get(uri) !== 'c2').length).toBeLessThan(uris.length * 0.02)
  expect(new Set(moved.map((uri) => without.get(uri)))).toEqual(new Set(['c0', 'c1', 'c3']))

  tell()
  await expect.poll(() => servedBy(own[0] ?? ''), long).toBe('c2')
  expect(await place(uris, servedBy)).toEqual(before)
})

test('URI_HASH: path and query count; keys follow weights, and a deployment to another address', async () => {
  const { servedBy, tell } = await balancedFleet('uri_hash', [1, 3])
  const placed = await place(uris, servedBy)
  expect(share(placed, 'c1')).toBeGreaterThan(0.69)
  expect(share(placed, 'c1')).toBeLessThan(0.81)
  const paths = await place(
    uris.map((_, i) => `/function/${i}`),
    servedBy,
  )
  expect(new Set(paths.values())).toEqual(new Set(['c0', 'c1']))

  const moved = await startFunctions('c0')
  tell({ url: `http://127.0.0.1:${moved.port}` })
  const own = uris.find((uri) => placed.get(uri) === 'c0') ?? ''
  await expect.poll(() => servedBy(own).then(() => moved.calls), long).toBeGreaterThan(0)
  expect(await place(uris, servedBy)).toEqual(placed)
})

// Other systems have one loopback address.
test.runIf(process.platform === 'linux')('IP_HASH: a caller keeps its deployment, whatever it calls', async () => {
  const { servedBy, tell } = await balancedFleet('ip_hash', [1, 1, 1])
  const agents = new Map(
    Array.from({ length: 60 }, (_, i) => {
      const localAddress = `127.0.0.${i + 2}`
      return [localAddress, new http.Agent({ keepAlive: true, localAddress })]
    }),
  )
  onTestFinished(() => {
    for (const agent of agents.values()) agent.destroy()
  })
  const callers = [...agents.keys()]
  const called = (path: string) => place(callers, (caller) => servedBy(path, agents.get(caller)))
  const before = await called('/function/a')
  expect(new Set(before.values())).toEqual(new Set(['c0', 'c1', 'c2']))
  expect(await called('/function/b?c')).toEqual(before)

  tell({ health: 'unhealthy' })
  const own = callers.find((caller) => before.get(caller) === 'c0') ?? ''
  await expect.poll(() => servedBy('/function/a', agents.get(own)), long).not.toBe('c0')
  const without = await called('/function/a')
  const moved = callers.filter((caller) => without.get(caller) !== before.get(caller))
  expect(moved.filter((caller) => before.get(caller) !== 'c0').length).toBeLessThanOrEqual(2)
})
