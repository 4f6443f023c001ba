// Deployments at one address and port, as services of Cloud Run and function URLs are: each gets its own calls.
import { once } from 'node:events'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { createAuthority } from '../../support/certificates.ts'
import { endpointOf, hammer, startFunctions, startRouting, tableOf } from '../../support/routing.ts'

test('deployments at one address get their own calls, over TLS too, and take the place of each other', async () => {
  const authority = await createAuthority()
  const pem = await authority.issue(['DNS:a.example', 'DNS:b.example', 'DNS:c.example'])
  const server = https.createServer(pem, ({ headers, socket }, response) => {
    const { servername } = socket as TLSSocket & { servername: string }
    response.end(`${servername} ${headers.host}`)
  })
  onTestFinished(() => server.closeAllConnections())
  onTestFinished(() => void server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const plain = await startFunctions('plain')
  const endpoints = [
    ...['a', 'b', 'c'].map((name) => endpointOf({ name, port }, { url: `https://${name}.example:${port}` })),
    endpointOf(plain, { id: 'p', cluster: 'p' }),
    endpointOf(plain, { id: 'q', cluster: 'q', pathTemplate: '/second/{name}' }),
  ]
  const { serve, proxy, call, ingressPort } = await startRouting({ trustedCa: authority.ca })
  const ids = endpoints.map(({ id }) => id)
  const alone = Object.fromEntries(ids.map((id) => [id, tableOf([id])]))
  await serve(endpoints, { all: tableOf(ids), ...alone })
  for (const name of ['a', 'b', 'c'])
    expect(await call('/function/f', { bucket: name })).toMatchObject({
      status: 200,
      body: `${name}.example ${name}.example:${port}`,
      headers: { 'x-fado-served-by': name },
    })
  expect(JSON.parse((await call('/function/f', { bucket: 'p' })).body)).toMatchObject({ url: '/function/f' })
  expect(JSON.parse((await call('/function/f', { bucket: 'q' })).body)).toMatchObject({ url: '/second/f' })

  // The first one goes, and comes back: the next one has the address for itself meanwhile.
  const load = hammer(ingressPort, '/function/f', { bucket: 'b' })
  for (let i = 0; i < 10; i++) {
    proxy.apply({ kind: 'endpoints', endpoints: i % 2 === 0 ? endpoints.slice(1) : endpoints })
    const calls = load.calls()
    await expect.poll(() => load.calls(), { interval: 5, timeout: 20_000 }).toBeGreaterThan(calls + 30)
  }
  expect(await load.stop()).toMatchObject({ failures: [], served: new Map([['b', expect.any(Number)]]) })
})
