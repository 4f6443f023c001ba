// A function host of several addresses: calls go to all of them, and a deployment's share is its own, however many it has.
import { once } from 'node:events'
import http from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../support/free-port.ts'
import { endpointOf, hammer, startFunctions, startRouting, tableOf } from '../../support/routing.ts'

/** Counts its calls. Each has a connection of its own, so that a server that stops cuts none off that was sent. */
async function listener(address: string, port: number) {
  const counted = { calls: 0, stop: () => void server.close() }
  const server = http.createServer((_request, response) => {
    counted.calls++
    response.setHeader('connection', 'close').end()
  })
  onTestFinished(counted.stop)
  await once(server.listen(port, address), 'listening')
  return counted
}

test('two addresses of one deployment share its calls, and one that dies costs none', async () => {
  const port = await freePort()
  const first = await listener('127.0.0.1', port)
  const second = await listener('127.0.0.2', port)
  const edge = await startFunctions('edge')
  const hpc = endpointOf({ name: 'hpc', port }, { addresses: ['127.0.0.1', '127.0.0.2'] })
  const { serve, proxy, call, ingressPort } = await startRouting()
  // A connection that waited to be accepted is reset when its server stops: its call was sent.
  const table = tableOf(['hpc', 'edge'], { retry: { rule: 'idempotent' } })
  await serve([hpc, endpointOf(edge)], { photos: table })
  for (const one of [first, second, edge]) one.calls = 0
  for (let i = 0; i < 200; i++) await call('/function/f', { bucket: 'photos' })
  const shares = [first.calls, second.calls, edge.calls]
  for (const [i, share] of [50, 50, 100].entries()) expect(Math.abs((shares[i] ?? 0) - share)).toBeLessThanOrEqual(2)

  const load = hammer(ingressPort, '/function/f', { bucket: 'photos' })
  const goOn = async () => {
    const calls = load.calls()
    await expect.poll(() => load.calls(), { interval: 5, timeout: 20_000 }).toBeGreaterThan(calls + 100)
  }
  await goOn()
  second.stop()
  await goOn()
  proxy.apply({ kind: 'endpoints', endpoints: [{ ...hpc, addresses: ['127.0.0.1'] }, endpointOf(edge)] })
  await goOn()
  const { failures, served } = await load.stop()
  expect(failures).toEqual([])
  expect([...served.keys()].sort()).toEqual(['edge', 'hpc'])
})
