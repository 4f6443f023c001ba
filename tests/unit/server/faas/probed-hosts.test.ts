// Hosts of several addresses, and whose platform answers there.
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { probeDeployment } from '../../../../server/faas/probe-deployment.ts'
import { probedPlatform } from '../../../support/probed-platform.ts'

/** A host of several addresses, on the same port: what listens at those that live, and what was asked of each. */
async function host(living: readonly string[]) {
  const asked: string[] = []
  const servers = new Map<string, http.Server>()
  let port = 0
  async function start(address: string, answer: http.RequestListener = (_, response) => void response.end()) {
    const server = http.createServer((request, response) => {
      asked.push(address)
      answer(request, response)
    })
    server.listen(port, address)
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
    servers.set(address, server)
  }
  function stop(address: string) {
    servers.get(address)?.closeAllConnections()
    servers.get(address)?.close()
  }
  onTestFinished(() => [...servers.keys()].forEach(stop))
  for (const address of living) await start(address)
  const probe = (used: readonly string[], ...addresses: string[]) =>
    probeDeployment(
      { kind: 'HTTP', url: `http://dual.test:${port}`, probePath: null, addresses: used },
      { resolve: async () => addresses, isAnother: (cluster) => cluster === 'edge' },
    )
  return { probe, asked, start, stop }
}

test('a host is healthy over the address that answers, whatever their order', async () => {
  const { probe } = await host(['127.0.0.2'])
  const healthy = { trouble: null, addresses: ['127.0.0.2'] }
  expect(await probe([], '127.0.0.1', '127.0.0.2')).toEqual(healthy)
  expect(await probe([], '127.0.0.2', '127.0.0.1')).toEqual(healthy)
  expect(await probe(['127.0.0.1'], '127.0.0.1', '127.0.0.2')).toEqual(healthy)
  expect(await probe(['127.0.0.9'], '127.0.0.1', '127.0.0.2', '::1')).toEqual(healthy)
})

test('calls go to all addresses that answer, whatever their order, and to those alone', async () => {
  const { probe, stop } = await host(['127.0.0.1', '127.0.0.2', '127.0.0.3'])
  const all = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
  expect(await probe([], ...all)).toEqual({ trouble: null, addresses: all })
  expect(await probe(['127.0.0.2'], ...all.toReversed())).toEqual({ trouble: null, addresses: all })
  expect(await probe(all, '127.0.0.3')).toEqual({ trouble: null, addresses: ['127.0.0.3'] })
  stop('127.0.0.2')
  expect(await probe(all, ...all)).toEqual({ trouble: null, addresses: ['127.0.0.1', '127.0.0.3'] })
})

test('of many addresses eight are called, those that are called already first', async () => {
  const all = Array.from({ length: 12 }, (_, n) => `127.0.1.${n + 10}`)
  const { probe } = await host(all)
  expect((await probe([], ...all)).addresses).toEqual(all.slice(0, 8))
  const used = [...all.slice(0, 3), ...all.slice(7)]
  expect((await probe(used, ...all.toReversed())).addresses).toEqual(used)
})

test.each<[string, () => Promise<never>]>([
  ['silent', () => new Promise(() => undefined)],
  ['unwell', () => Promise.reject(Object.assign(new Error('try again'), { code: 'EAI_AGAIN' }))],
])('while the name server is %s, the addresses are asked that were good last', async (_how, resolve) => {
  const { url } = await probedPlatform((_request, response) => void response.end())
  const { port } = new URL(url)
  const of = (addresses: string[]) =>
    probeDeployment({ kind: 'HTTP', url: `http://fn.test:${port}`, probePath: null, addresses }, { resolve })
  expect(await of(['127.0.0.1'])).toEqual({ trouble: null, addresses: ['127.0.0.1'] })
  expect(await of([])).toMatchObject({ trouble: { cause: 'SILENT' }, addresses: [] })
})

test('a server of both families is one: it is called by IPv4, and by IPv6 where that alone answers', async () => {
  const { probe, stop } = await host(['127.0.0.1', '::1'])
  expect((await probe([], '::1', '127.0.0.1')).addresses).toEqual(['127.0.0.1'])
  stop('127.0.0.1')
  expect((await probe(['127.0.0.1'], '::1', '127.0.0.1')).addresses).toEqual(['::1'])
})

test('an address that is silent does not use up the time of the others', async () => {
  const { probe, start } = await host(['127.0.0.2'])
  await start('127.0.0.1', () => undefined)
  expect(await probe(['127.0.0.1'], '127.0.0.1', '127.0.0.2')).toEqual({ trouble: null, addresses: ['127.0.0.2'] })
})

test('a host none of whose addresses answers is not well, keeps its addresses, and the refusal is told', async () => {
  const { probe, start } = await host([])
  await start('127.0.0.1', () => undefined)
  expect(await probe(['127.0.0.2'], '127.0.0.1', '127.0.0.2')).toEqual({
    trouble: { cause: 'UNREACHABLE', detail: 'It cannot be reached: the connection is refused', away: true },
    addresses: ['127.0.0.2'],
  })
  expect(await probe(['127.0.0.1'], '127.0.0.1', '127.0.0.2')).toMatchObject({
    trouble: { cause: 'UNREACHABLE' },
    addresses: ['127.0.0.1'],
  })
})

test('a platform that says it belongs to another cluster of the fleet is not taken for the one that it was registered as', async () => {
  const telling = (cluster: string) =>
    probedPlatform((_request, response) => void response.setHeader('X-FaDO-Cluster', cluster).end())
  const probe = ({ url }: { url: string }) =>
    probeDeployment({ kind: 'HTTP', url, probePath: null, addresses: [] }, { isAnother: (name) => name === 'edge' })
  expect(await probe(await telling('edge'))).toEqual({
    trouble: { cause: 'FAILING', detail: 'What answers belongs to the cluster edge', away: false },
    addresses: ['127.0.0.1'],
  })
  expect(await probe(await telling('hpc'))).toMatchObject({ trouble: null })
})

test('of several addresses none is taken that belongs to another cluster', async () => {
  const { probe, start } = await host(['127.0.0.2'])
  await start('127.0.0.1', (_request, response) => void response.setHeader('x-fado-cluster', 'edge').end())
  expect(await probe(['127.0.0.1'], '127.0.0.1', '127.0.0.2')).toEqual({ trouble: null, addresses: ['127.0.0.2'] })
})
