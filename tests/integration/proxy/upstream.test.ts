import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { createAuthority } from '../../support/certificates.ts'
import { freePort } from '../../support/free-port.ts'
import { bucketHeader, endpointOf, hammer, startFunctions, startRouting, tableOf } from '../../support/routing.ts'

/** Answers with the name that TLS asked for, the Host header and the path. */
async function startTls(pem: { cert: string; key: string }) {
  const server = https.createServer(pem, (request, response) => {
    const { servername } = request.socket as TLSSocket & { servername: string | false }
    response.end(JSON.stringify({ sni: servername, host: request.headers.host, url: request.url }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

const seen = (body: string) => JSON.parse(body) as { url: string; rawHeaders: string[]; body: string; name: string }
const hostOf = (body: string) => {
  const { rawHeaders } = seen(body)
  return rawHeaders[rawHeaders.findIndex((text) => text.toLowerCase() === 'host') + 1]
}

test('a base path and a host name of the url are applied, on every try, and to nobody else', async () => {
  const plain = await startFunctions('plain')
  const named = await startFunctions('named')
  const { proxy, startEnvoy, firstAnswer, call } = await startRouting()
  const dead = await freePort()
  const plainEndpoint = endpointOf(plain)
  const namedEndpoint = endpointOf(named, { url: `http://gateway.example:${named.port}/base/path/` })
  proxy.apply({ kind: 'endpoints', endpoints: [plainEndpoint, namedEndpoint] })
  proxy.apply({
    kind: 'routes',
    routes: [
      { bucket: 'plain', number: 1, table: tableOf(['plain']) },
      { bucket: 'named', number: 2, table: tableOf(['named']) },
      { bucket: 'both', number: 3, table: tableOf(['plain', 'named']) },
    ],
  })
  proxy.ready()
  await startEnvoy()
  const path = '/function/f/x%2Fy?q=1'
  const options = {
    headers: { host: 'client.example', 'x-fado-upstream-host': 'evil', 'x-fado-upstream-base': '/evil' },
  }
  const toNamed = await firstAnswer(path, { bucket: 'named', ...options })
  expect(seen(toNamed.body)).toMatchObject({ name: 'named', url: `/base/path${path}` })
  expect(hostOf(toNamed.body)).toBe(`gateway.example:${named.port}`)
  const toPlain = await call(path, { bucket: 'plain', ...options })
  expect(seen(toPlain.body)).toMatchObject({ name: 'plain', url: path })
  expect(hostOf(toPlain.body)).toBe('client.example')

  // One of the two does not answer: what its try has changed must not reach the other.
  const cases = [
    {
      endpoints: [{ ...plainEndpoint, url: `http://127.0.0.1:${dead}` }, namedEndpoint],
      url: `/base/path${path}`,
      host: `gateway.example:${named.port}`,
    },
    {
      endpoints: [plainEndpoint, { ...namedEndpoint, url: `http://gateway.example:${dead}/base/path/` }],
      url: path,
      host: 'client.example',
    },
  ]
  for (const { endpoints, url, host } of cases) {
    proxy.apply({ kind: 'endpoints', endpoints })
    const tries = new Set<string>()
    await expect
      .poll(
        async () => {
          const answer = await call(path, { bucket: 'both', ...options, method: 'POST', body: 'bytes' })
          if (answer.status !== 200) return answer.status
          tries.add(String(answer.headers['x-fado-decision']).split(';')[2] ?? '')
          expect(seen(answer.body)).toMatchObject({ body: 'bytes' })
          if (seen(answer.body).url === url) expect(hostOf(answer.body)).toBe(host)
          return [...tries].some((text) => text !== 'try=1')
        },
        { interval: 1 },
      )
      .toBe(true)
  }
})

test('https: the certificate is checked against the trusted authorities and the url’s name', async () => {
  const authority = await createAuthority()
  const stranger = await createAuthority()
  const good = await startTls(await authority.issue(['DNS:fn.example']))
  const otherName = await startTls(await authority.issue(['DNS:other.example']))
  const otherCa = await startTls(await stranger.issue(['DNS:fn.example']))
  const byAddress = await startTls(await authority.issue(['IP:127.0.0.1']))
  const { proxy, startEnvoy, firstAnswer, call } = await startRouting({ trustedCa: authority.ca })
  const names = { good, otherName, otherCa }
  const endpoints = Object.entries(names).map(([name, port]) =>
    endpointOf({ name, port }, { url: `https://fn.example:${port}/base` }),
  )
  const address = endpointOf({ name: 'byAddress', port: byAddress }, { url: `https://127.0.0.1:${byAddress}` })
  proxy.apply({ kind: 'endpoints', endpoints: [...endpoints, address] })
  proxy.apply({
    kind: 'routes',
    routes: [...Object.keys(names), 'byAddress'].map((name, i) => ({
      bucket: name.toLowerCase(),
      number: i + 1,
      table: tableOf([name]),
    })),
  })
  proxy.ready()
  await startEnvoy()
  const answer = await firstAnswer('/function/f?q', { bucket: 'good' })
  expect(JSON.parse(answer.body)).toEqual({ sni: 'fn.example', host: `fn.example:${good}`, url: '/base/function/f?q' })
  expect((await call('/function/f', { bucket: 'othername' })).status).toBe(502)
  expect((await call('/function/f', { bucket: 'otherca' })).status).toBe(502)
  // Envoy compares names only, so a certificate for an address fails, and does so safely.
  expect((await call('/function/f', { bucket: 'byaddress' })).status).toBe(502)
})

test('the first deployment that needs a base path or https joins under load without a failed call', async () => {
  const authority = await createAuthority()
  const tls = await startTls(await authority.issue(['DNS:fn.example']))
  const plain = await startFunctions('plain')
  const based = await startFunctions('based')
  const routing = await startRouting({ trustedCa: authority.ca })
  const { serve, proxy, ingressPort, call } = routing
  const plainEndpoint = endpointOf(plain)
  const envoy = await serve([plainEndpoint], { photos: tableOf(['plain']) })
  expect(await envoy.get('/config_dump?resource=dynamic_active_clusters')).not.toContain('fado.wishes')
  const load = hammer(ingressPort, '/function/f', { bucket: 'photos' })
  const basedEndpoint = endpointOf(based, { url: `http://127.0.0.1:${based.port}/base` })
  const tlsEndpoint = endpointOf({ name: 'tls', port: tls }, { url: `https://fn.example:${tls}` })
  let number = 1
  for (const [endpoint, path] of [
    [basedEndpoint, '/base/function/f'],
    [tlsEndpoint, '/function/f'],
    [basedEndpoint, '/base/function/f'],
  ] as const) {
    proxy.apply({ kind: 'endpoints', endpoints: [plainEndpoint, endpoint] })
    number++
    proxy.apply({ kind: 'routes', routes: [{ bucket: 'other', number, table: tableOf([endpoint.cluster]) }] })
    await routing.acked(number)
    await expect
      .poll(async () => (await call('/function/f', { bucket: 'other' })).body, { interval: 2 })
      .toContain(`"url":"${path}"`)
    proxy.apply({ kind: 'endpoints', endpoints: [plainEndpoint] })
    await expect.poll(() => envoy.get('/config_dump?resource=dynamic_active_clusters')).not.toContain('fado.wishes')
  }
  expect((await load.stop()).failures).toEqual([])
})

test('an answer to an offer of a WebSocket that opens none is told as such, where it is no refusal', async () => {
  const functions = await startFunctions('edge', async ({ url }, response) => {
    response.writeHead(Number(url?.slice(-3)), { 'x-own': 'yes' }).end('of the function')
  })
  const { proxy, startEnvoy, firstAnswer, call } = await startRouting()
  proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(functions)] })
  proxy.apply({ kind: 'routes', routes: [{ bucket: 'live', number: 1, table: tableOf(['edge']) }] })
  proxy.ready()
  await startEnvoy()
  await firstAnswer('/')
  const offer = (status: number) =>
    call(`/function/f/${status}`, { bucket: 'live', headers: { connection: 'upgrade', upgrade: 'websocket' } })
  for (const status of [200, 302]) {
    const answer = await offer(status)
    expect([answer.status, answer.headers['x-own'], answer.headers['x-fado-served-by']]).toEqual([
      status,
      'yes',
      'edge',
    ])
    expect(JSON.parse(answer.body)).toMatchObject({
      ...{ type: 'urn:fado:problem:no-websocket', title: 'The function opened no WebSocket', status },
    })
  }
  for (const status of [401, 404, 503]) expect(await offer(status)).toMatchObject({ status, body: 'of the function' })
})

test('websockets pass, also to a deployment with a base path', async () => {
  const server = http.createServer()
  server.on('upgrade', (request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
    socket.on('data', (data) => socket.write(`${request.url} ${data}`))
    for (const over of ['end', 'error']) socket.on(over, () => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const { proxy, startEnvoy, firstAnswer, ingressPort } = await startRouting()
  proxy.apply({
    kind: 'endpoints',
    endpoints: [endpointOf({ name: 'ws', port }, { url: `http://127.0.0.1:${port}/base` })],
  })
  proxy.apply({ kind: 'routes', routes: [{ bucket: 'live', number: 1, table: tableOf(['ws']) }] })
  proxy.ready()
  await startEnvoy()
  await firstAnswer('/function/f')
  const request = http.request({
    port: ingressPort,
    path: '/function/f',
    headers: { [bucketHeader]: 'live', connection: 'upgrade', upgrade: 'websocket' },
  })
  request.end()
  const [response, socket] = await once(request, 'upgrade')
  expect(response.statusCode).toBe(101)
  socket.write('hello')
  expect(String((await once(socket, 'data'))[0])).toBe('/base/function/f hello')
  socket.destroy()
})
