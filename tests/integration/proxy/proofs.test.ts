// Certificates and secrets of single deployments through a real Envoy: each is used for its own only, and changes under load.
import { once } from 'node:events'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import type { FaasEndpoint } from '../../../server/domain/route/routing-table.ts'
import { createAuthority } from '../../support/certificates.ts'
import { endpointOf, hammer, startFunctions, startRouting, tableOf } from '../../support/routing.ts'

/** Answers with the name on its client's certificate; `ca`: clients must show one by this authority. */
async function startTls(pem: { cert: string; key: string }, ca?: string) {
  const server = https.createServer({ ...pem, ...(ca ? { ca, requestCert: true } : {}) }, (request, response) => {
    const { subjectaltname = 'none' } = (request.socket as TLSSocket).getPeerCertificate()
    response.end(subjectaltname)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

async function route(endpoints: readonly FaasEndpoint[], trustedCa = '') {
  const routing = await startRouting({ trustedCa })
  const envoy = await routing.serve(endpoints, Object.fromEntries(endpoints.map(({ id }) => [id, tableOf([id])])))
  return { ...routing, envoy }
}

test('own authorities, client certificates and no check at all: each for its own deployment', async () => {
  const [machine, own, clients] = await Promise.all([createAuthority(), createAuthority(), createAuthority()])
  const client = await clients.issue(['DNS:fado.client'])
  const ofMachine = await machine.issue(['DNS:fn.example'])
  const ofOwn = await own.issue(['DNS:fn.example'])
  const tls = { caCertificates: null, skipVerify: false, clientCertificate: null }
  const shown = { clientCertificate: client.cert }
  const of = async (id: string, pem: typeof client, more: Partial<FaasEndpoint>, clientsOf?: string) => {
    const port = await startTls(pem, clientsOf)
    return endpointOf({ name: id, port }, { url: `https://fn.example:${port}`, ...more })
  }
  const endpoints = await Promise.all([
    of('machine', ofMachine, {}),
    of('own', ofOwn, { tls: { ...tls, caCertificates: own.ca } }),
    of('own-and-machine', ofMachine, { tls: { ...tls, caCertificates: own.ca } }),
    of('untrusted', ofOwn, {}),
    of('any', ofOwn, { tls: { ...tls, skipVerify: true } }),
    of(
      'mutual',
      ofMachine,
      { tls: { ...tls, ...shown }, secrets: { version: '1', clientKey: client.key } },
      clients.ca,
    ),
    of('not-shown', ofMachine, {}, clients.ca),
    // Its key cannot be read: it must not cost the others their configuration.
    of('without-key', ofMachine, { tls: { ...tls, ...shown } }, clients.ca),
  ])
  const { call, envoy } = await route(endpoints, machine.ca)
  const answers: Record<string, string> = {}
  for (const { id } of endpoints) {
    const { status, body } = await call('/function/f', { bucket: id })
    answers[id] = status === 200 ? body : String(status)
  }
  expect(answers).toEqual({
    machine: 'none',
    own: 'none',
    'own-and-machine': 'none',
    untrusted: '502',
    any: 'none',
    mutual: 'DNS:fado.client',
    'not-shown': '502',
    'without-key': '503',
  })
  const shownByEnvoy = (await envoy.get('/config_dump?include_eds')) + (await envoy.get('/certs'))
  const line = client.key.split('\n')[1] ?? expect.fail()
  expect(shownByEnvoy).not.toContain(line)
})

test('secrets change under load, and no call fails or carries none', async () => {
  const keys = new Set<string | undefined>()
  const keyed = await startFunctions('keyed', async ({ headers }) => void keys.add(String(headers['x-key'])))
  const signed = await startFunctions('signed', async ({ headers }) => {
    const [, accessKey] = /Credential=(\w+)/.exec(headers.authorization ?? '') ?? []
    keys.add(accessKey)
  })
  const endpoints = (i: number) => [
    endpointOf(keyed, { auth: { kind: 'key', header: 'x-key' }, secrets: { version: `${i}`, header: `key-${i}` } }),
    endpointOf(signed, {
      auth: { kind: 'aws_sigv4', accessKey: `AK${i}`, region: 'r', service: 'lambda' },
      secrets: { version: `${i}`, secretKey: `secret-${i}` },
    }),
  ]
  const { proxy, ingressPort } = await route(endpoints(0))
  const loads = ['keyed', 'signed'].map((bucket) => hammer(ingressPort, '/function/f', { bucket }, 2))
  for (let i = 0; i <= 10; i++) {
    if (i > 0) proxy.apply({ kind: 'endpoints', endpoints: endpoints(i) })
    await expect.poll(() => [...keys], { interval: 5 }).toEqual(expect.arrayContaining([`key-${i}`, `AK${i}`]))
  }
  const results = await Promise.all(loads.map((load) => load.stop()))
  expect(results.flatMap(({ failures }) => failures)).toEqual([])
  expect([...keys].sort()).toEqual(
    Array.from({ length: 11 }, (_, i) => [`AK${i}`, `key-${i}`])
      .flat()
      .sort(),
  )
})
