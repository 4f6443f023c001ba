import { expect, test } from 'vitest'
import { contentId } from '../../../server/content-id.ts'
import { endpointOf, startFunctions, startRouting, tableOf } from '../../support/routing.ts'

async function running() {
  const functions = await startFunctions('edge')
  const routing = await startRouting()
  await routing.serve([endpointOf(functions)], { photos: tableOf(['edge']) })
  const resources = () => [...routing.proxy.resources(routing.proxy.status()[0]?.streamId ?? '')]
  return { ...routing, functions, resources }
}

test('a bucket whose scope Envoy refuses is set aside with the reason; all others of the same message are routed', async () => {
  const { proxy, acked, answered, call, resources } = await running()
  // Its key is that of the table's own pin; Envoy refuses the whole message.
  const broken = `\npin ${contentId(tableOf(['edge']))}`
  const buckets = Array.from({ length: 100 }, (_, i) => (i === 63 ? broken : `bucket-${i}`))
  proxy.apply({
    kind: 'routes',
    routes: buckets.map((bucket, i) => ({ bucket, number: i + 2, table: tableOf(['edge']) })),
  })
  await answered(101)
  for (const bucket of ['bucket-0', 'bucket-62', 'bucket-64', 'bucket-99'])
    expect((await call('/function/f', { bucket })).status).toBe(200)
  const [status] = proxy.status()
  expect(status?.exceptions).toEqual([
    { bucket: broken, number: 65, state: 'nacked', error: expect.stringContaining('scope key conflict') },
  ])
  expect(resources().filter(({ state }) => state !== 'ACKED')).toMatchObject([
    { name: `bucket/${broken}`, state: 'NACKED' },
  ])
  // Later changes of others get through, and withdrawing the culprit ends it.
  proxy.apply({ kind: 'routes', routes: [{ bucket: 'bucket-5', number: 102, table: null }] })
  await answered(102)
  expect((await call('/function/f', { bucket: 'bucket-5' })).status).toBe(404)
  proxy.apply({ kind: 'routes', routes: [{ bucket: broken, number: 103, table: null }] })
  await acked(103)
})

test('a table that Envoy refuses holds up its own buckets only, which stay where they were', async () => {
  const { proxy, acked, answered, call, resources } = await running()
  // More than the 10 000 years that protobuf's Duration holds.
  const refused = tableOf(['edge'], { timeoutMs: 400_000_000_000_000 })
  proxy.apply({
    kind: 'routes',
    routes: [
      { bucket: 'photos', number: 2, table: refused },
      { bucket: 'videos', number: 3, table: tableOf(['edge'], { timeoutMs: 7000 }) },
      { bucket: 'new', number: 4, table: refused },
    ],
  })
  await answered(4)
  const [status] = proxy.status()
  expect(status?.exceptions.map(({ bucket, state }) => [bucket, state])).toEqual(
    expect.arrayContaining([
      ['photos', 'nacked'],
      ['new', 'nacked'],
    ]),
  )
  expect(status?.exceptions[0]?.error).toMatch(/[Dd]uration/)
  expect(resources().filter(({ state }) => state === 'NACKED')).toMatchObject([
    { type: 'table', error: expect.stringMatching(/[Dd]uration/) },
  ])
  expect((await call('/function/f', { bucket: 'photos' })).status).toBe(200)
  expect((await call('/function/f', { bucket: 'videos' })).status).toBe(200)
  expect((await call('/function/f', { bucket: 'new' })).status).toBe(404)
  proxy.apply({
    kind: 'routes',
    routes: [
      { bucket: 'photos', number: 5, table: tableOf(['edge'], { timeoutMs: 50 }) },
      { bucket: 'new', number: 6, table: tableOf(['edge']) },
    ],
  })
  await acked(6)
  expect((await call('/function/f', { bucket: 'new' })).status).toBe(200)
})

test('a deployment that Envoy could not take is left out; the others serve', async () => {
  const { proxy, functions, call, resources } = await running()
  proxy.apply({
    kind: 'endpoints',
    endpoints: [
      endpointOf(functions, { id: 'a', addresses: ['not-an-address'] }),
      endpointOf(functions, { id: 'b', url: 'ftp://x/' }),
      endpointOf(functions, { id: 'c', url: 'http://x:0/' }),
      endpointOf(functions, { id: 'd', addresses: ['fe80::1%eth0'] }),
      endpointOf(functions, { id: 'e', weight: 0 }),
    ],
  })
  for (let i = 0; i < 10; i++) expect((await call('/function/f', { bucket: 'photos' })).status).toBe(200)
  await expect.poll(() => resources().filter(({ state }) => state !== 'ACKED')).toEqual([])
})

test('an ingress port that is taken is reported with the reason, and opened when it is free', async () => {
  const functions = await startFunctions('edge')
  const blocker = await startFunctions('blocker')
  const routing = await startRouting({ ingressPort: blocker.port, settings: { retryMs: 50 } })
  routing.proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(functions)] })
  routing.proxy.apply({ kind: 'routes', routes: [{ bucket: 'photos', number: 1, table: tableOf(['edge']) }] })
  routing.proxy.ready()
  await routing.startEnvoy()
  const listener = () =>
    [...routing.proxy.resources(routing.proxy.status()[0]?.streamId ?? '')].find(({ name }) => name === 'ingress')
  await expect
    .poll(listener, { timeout: 10_000 })
    .toMatchObject({ state: 'NACKED', error: expect.stringContaining('Address already in use') })
  await blocker.stop()
  await expect
    .poll(async () => (await routing.firstAnswer('/function/f', { bucket: 'photos' })).headers['x-server'])
    .toBe('edge')
})
