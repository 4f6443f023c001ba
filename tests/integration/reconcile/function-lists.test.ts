// Which functions deployments have, as their platforms list them.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createProbes } from '../../../server/compose/probes.ts'
import type { Unlisted } from '../../../server/db/deciding/function-lists.ts'
import { loadEndpoints } from '../../../server/db/proxies/endpoints.ts'
import { plainTls } from '../../../server/domain/fleet/faas-auth.ts'
import { sealFaasCredentials } from '../../../server/faas/credentials.ts'
import { anyTarget, type ForbiddenTarget } from '../../../server/forbidden-target.ts'
import { createLog } from '../../../server/log.ts'
import { startFunctionLists } from '../../../server/reconcile/function-lists.ts'
import { createSecretBox } from '../../../server/secrets.ts'
import { freshPool } from '../../support/fresh-pool.ts'
import { isSigned } from '../../support/sigv4.ts'
import { fleet } from '../../support/world/fleet.ts'

const noTokens = { want: () => ({ token: undefined, trouble: null }), stop: () => {} }
const noStores = { get: () => Promise.reject(new Error('no store is asked')), close: async () => undefined }

type Reply = { status?: number; body?: unknown }

async function startPlatform(reply: (request: IncomingMessage) => Reply | Promise<Reply>): Promise<string> {
  const server = createServer(async (request, response) => {
    const { status = 200, body } = await reply(request)
    response.writeHead(status).end(JSON.stringify(body ?? {}))
  })
  onTestFinished(() => void server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('platforms that list their functions are believed, with their proofs; those that do not may have any', async () => {
  const pool = await freshPool(3)
  const secrets = createSecretBox(randomBytes(32))
  let asked = 0
  const openfaas: Reply = { body: [{ name: 'resize' }, { name: 'blur' }, { name: 'no name/' }] }
  const aws = { accessKey: 'AK', region: 'eu-central-1', service: 'lambda' }
  const kinds = {
    openfaas: {
      kind: 'OPENFAAS',
      auth: { kind: 'bearer' },
      credentials: { value: 'Bearer t' },
      reply({ url, headers }: IncomingMessage): Reply {
        asked++
        return url === '/system/functions' && headers.authorization === 'Bearer t' ? openfaas : { status: 401 }
      },
    },
    open: { kind: 'OPENFAAS', reply: (): Reply => ({ body: { name: 'what answers everything' } }) },
    lambda: {
      kind: 'AWS_LAMBDA',
      auth: { kind: 'aws_sigv4', ...aws },
      credentials: { secretKey: 's', sessionToken: 't' },
      reply: async (request: IncomingMessage): Promise<Reply> => {
        if (!(await isSigned(request, Buffer.alloc(0), { ...aws, secretKey: 's' }))) return { status: 403 }
        if (request.url === '/2015-03-31/functions/?MaxItems=50')
          return { body: { Functions: [{ FunctionName: 'first' }], NextMarker: 'a/b=' } }
        return request.url === '/2015-03-31/functions/?MaxItems=50&Marker=a%2Fb%3D'
          ? { body: { Functions: [{ FunctionName: 'second' }], NextMarker: null } }
          : { status: 400 }
      },
    },
    azure: {
      kind: 'AZURE_FUNCTIONS',
      auth: { kind: 'key', header: 'x-functions-key' },
      credentials: { value: 'k' },
      reply: ({ url, headers }: IncomingMessage): Reply =>
        url === '/admin/functions' && headers['x-functions-key'] === 'k' ? { body: [] } : { status: 401 },
    },
    http: { kind: 'HTTP', reply: (): Reply => ({ body: [{ name: 'nobody asks' }] }) },
  }
  const rows = fleet(pool)
  for (const [name, { kind, reply, ...more }] of Object.entries(kinds)) {
    const { auth = null, credentials = {} } = more as { auth?: object; credentials?: object }
    await rows.cluster(name, { urls: [await startPlatform(reply)] })
    const { rows: found } = await pool.query<{ id: string }>(
      `UPDATE faas_deployment f SET kind = $2, auth = $3 FROM cluster c WHERE c.id = f.cluster_id AND c.name = $1
       RETURNING f.id`,
      [name, kind, auth],
    )
    const id = found[0]?.id ?? ''
    const sealed = sealFaasCredentials(secrets, id, credentials)
    await pool.query('UPDATE faas_deployment SET credentials = $2 WHERE id = $1', [id, sealed])
  }
  const probes = createProbes(noStores, { secrets, tokens: noTokens, forbiddenTarget: anyTarget })
  let ask = () => {}
  const wakeups = {
    on: (_topic: string, call: () => void) => {
      ask = call
      return () => {}
    },
  }
  const lists = startFunctionLists({ pool, wakeups, log: createLog('silent', 'test'), list: probes.list })
  onTestFinished(() => lists.stop())
  const listed = async () =>
    Object.fromEntries((await loadEndpoints(pool)).map((endpoint) => [endpoint.cluster, endpoint.listed]))
  const known = { open: null, lambda: ['first', 'second'], azure: [], http: null }
  await expect.poll(listed).toEqual({ ...known, openfaas: ['blur', 'resize'] })

  openfaas.body = [{ name: 'blur' }]
  ask()
  await expect.poll(listed).toEqual({ ...known, openfaas: ['blur'] })
  // A platform that fails or is asked too often tells nothing: what it told before holds. One that refuses does not list them any more.
  openfaas.body = [{ name: 'other' }]
  for (const status of [500, 429, 408]) {
    openfaas.status = status
    const before = asked
    ask()
    await expect.poll(() => asked).toBe(before + 1)
    ask() // and when this one is answered, what the one before has written is there
    await expect.poll(() => asked).toBe(before + 2)
    expect([status, await listed()]).toEqual([status, { ...known, openfaas: ['blur'] }])
  }
  openfaas.status = 401
  ask()
  await expect.poll(listed).toEqual({ ...known, openfaas: null })
})

test('a platform at which no call may go is asked for nothing, and gets no proof', async () => {
  let asked = 0
  const url = await startPlatform(() => {
    asked++
    return { body: [{ name: 'resize' }] }
  })
  const secrets = createSecretBox(randomBytes(32))
  const deployment: Unlisted = {
    ...{ id: 'a', url, pathTemplate: null, payload: null, listed: null, tls: plainTls },
    kind: 'OPENFAAS',
    auth: { kind: 'bearer' },
    sealed: sealFaasCredentials(secrets, 'a', { value: 'Bearer t' }),
  }
  const ask = (forbiddenTarget: ForbiddenTarget) =>
    createProbes(noStores, { secrets, tokens: noTokens, forbiddenTarget }).list(deployment, AbortSignal.timeout(5_000))
  await expect(ask((address) => `${address} that is forbidden`)).rejects.toThrow('it is 127.0.0.1 that is forbidden')
  expect(asked).toBe(0)
  expect(await ask(anyTarget)).toEqual(['resize'])
})

test('a platform that tells page after page without end, each late, does not keep those of the others waiting', async () => {
  const pool = await freshPool(3)
  const secrets = createSecretBox(randomBytes(32))
  const rows = fleet(pool)
  const quick: Reply = { body: [{ name: 'resize' }] }
  const endless = async (): Promise<Reply> => {
    await delay(300)
    return { body: { Functions: [], NextMarker: 'more' } }
  }
  await rows.cluster('quick', { urls: [await startPlatform(() => quick)] })
  await rows.cluster('endless', { urls: [await startPlatform(endless)] })
  await pool.query(
    `UPDATE faas_deployment f SET kind = CASE c.name WHEN 'quick' THEN 'OPENFAAS' ELSE 'AWS_LAMBDA' END FROM cluster c
     WHERE c.id = f.cluster_id`,
  )
  const probes = createProbes(noStores, { secrets, tokens: noTokens, forbiddenTarget: anyTarget })
  const wakeups = { on: () => () => {} }
  const log = createLog('silent', 'test')
  const lists = startFunctionLists({ pool, wakeups, log, list: probes.list, seconds: 0.5 })
  onTestFinished(() => lists.stop())
  const listed = async () => (await loadEndpoints(pool)).find(({ cluster }) => cluster === 'quick')?.listed
  await expect.poll(listed).toEqual(['resize'])
  quick.body = [{ name: 'blur' }]
  await expect.poll(listed, { timeout: 4_000 }).toEqual(['blur'])
})
