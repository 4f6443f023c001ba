// Each platform through a real Envoy: what it is sent, and that a try elsewhere carries nothing on.
import { expect, test } from 'vitest'
import { callForm, formCall } from '../../../server/domain/fleet/call-form.ts'
import type { FaasEndpoint } from '../../../server/domain/route/routing-table.ts'
import { freePort } from '../../support/free-port.ts'
import { endpointOf, startFunctions, startRouting, tableOf } from '../../support/routing.ts'
import { isSigned } from '../../support/sigv4.ts'

type Seen = { name: string; method: string; url: string; rawHeaders: string[]; body: string }
const seen = (body: string) => JSON.parse(body) as Seen
const headersOf = ({ rawHeaders }: Seen) =>
  Object.fromEntries(
    rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [[name.toLowerCase(), rawHeaders[i + 1] ?? '']] : [])),
  )

/** A bucket for each deployment alone, by its id, and `all` for all of them. */
async function route(endpoints: readonly FaasEndpoint[], ids = endpoints.map(({ id }) => id)) {
  const routing = await startRouting()
  const alone = Object.fromEntries(ids.map((id) => [id, tableOf([id])]))
  const envoy = await routing.serve(endpoints, { all: tableOf(ids), ...alone })
  return { ...routing, envoy }
}

const aws = { accessKey: 'AKIAEXAMPLE', region: 'eu-central-1', service: 'lambda' }
const awsAuth = { auth: { kind: 'aws_sigv4', ...aws } } as const

test('each platform is called in its form, as explanations say', async () => {
  const forms: Record<string, { host?: string; form: Partial<FaasEndpoint> }> = {
    openfaas: { form: { kind: 'OPENFAAS' } },
    based: { host: '/gateway/', form: { kind: 'OPENFAAS' } },
    knative: { host: 'default.example.org', form: { kind: 'KNATIVE' } },
    hosted: { form: { kind: 'KNATIVE', pathTemplate: '//{name}.default.example.org{rest}' } },
    google: { form: { kind: 'GOOGLE_CLOUD_FUNCTIONS' } },
    run: { host: 'svc-1.europe-west1.run.app', form: { kind: 'GOOGLE_CLOUD_FUNCTIONS' } },
    azure: { form: { kind: 'AZURE_FUNCTIONS' } },
    lambdaurl: { host: 'abc.lambda-url.eu-central-1.on.aws', form: { kind: 'AWS_LAMBDA' } },
    templated: { form: { kind: 'HTTP', pathTemplate: '/run/{name}-v2{rest}' } },
  }
  const endpoints = await Promise.all(
    Object.entries(forms).map(async ([id, { host = '127.0.0.1', form }]) => {
      const server = await startFunctions(id)
      const url = host.startsWith('/') ? `http://127.0.0.1:${server.port}${host}` : `http://${host}:${server.port}`
      return endpointOf(server, { url, ...form })
    }),
  )
  const knative = endpoints.find(({ kind }) => kind === 'KNATIVE') ?? expect.fail()
  const { call } = await route(endpoints)
  const paths = ['/function/resize', '/function/resize/', '/function/re.size/a%20b//c?x=1&y=%2F', '/function/a%2Fb?q']
  for (const endpoint of endpoints)
    for (const path of paths) {
      const expected = formCall(callForm(endpoint), path)
      const { status, body } = await call(path, { bucket: endpoint.id, method: 'PUT', headers: { host: 'client' } })
      const got = status === 200 ? { url: seen(body).url, host: headersOf(seen(body))['host'] } : status
      expect(got, `${endpoint.id} ${path}`).toEqual(
        expected ? { url: expected.path, host: expected.host ?? 'client' } : 404,
      )
    }
  expect(formCall(callForm(knative), '/function/a%2Fb')).toBeUndefined()
  expect(formCall(callForm(knative), '/function/resize/x?y')?.path).toBe('/x?y')
})

test('a platform is shown its proof, whatever a caller sends, and nobody reads it', async () => {
  const of = async (id: string, more: Partial<FaasEndpoint>) => {
    const server = await startFunctions(id, async (request, response, body) => {
      const signed = await isSigned(request, body, { ...aws, secretKey: 'the-aws-secret' })
      response.setHeader('x-signed', String(signed))
    })
    return endpointOf(server, more)
  }
  const headers = { resize: 'Bearer token-of-resize', blur: 'Bearer token-of-blur' }
  const endpoints = await Promise.all([
    of('plain', {}),
    of('azure', {
      auth: { kind: 'key', header: 'x-functions-key' },
      secrets: { version: '1', header: 'the-azure-key' },
    }),
    of('bearer', { auth: { kind: 'bearer' }, secrets: { version: '1', header: 'Bearer the-token' } }),
    of('google', {
      kind: 'GOOGLE_CLOUD_FUNCTIONS',
      auth: { kind: 'google_service_account', account: 'a@b' },
      secrets: { version: '1', headers },
    }),
    of('signed', { ...awsAuth, secrets: { version: '1', secretKey: 'the-aws-secret', sessionToken: 'the-session' } }),
  ])
  const { call, envoy, proxy } = await route(endpoints)
  const forged = {
    authorization: 'Basic forged',
    'x-functions-key': 'forged',
    'x-fado-identity': 'forged',
    'x-fado-upstream': '/evil evil.example http .* -',
    'x-fado-payload': 'event',
  }
  const ask = async (bucket: string, path = '/function/resize?x=%20y', body = 'a body') => {
    const answer = await call(path, { bucket, method: 'POST', headers: forged, body })
    return { ...answer, sent: headersOf(seen(answer.body)), seen: seen(answer.body) }
  }
  const plain = await ask('plain')
  expect(plain.sent).toMatchObject({ authorization: 'Basic forged', 'x-functions-key': 'forged' })
  expect((await ask('azure')).sent).toMatchObject({ authorization: 'Basic forged', 'x-functions-key': 'the-azure-key' })
  expect((await ask('bearer')).sent).toMatchObject({ authorization: 'Bearer the-token', 'x-functions-key': 'forged' })
  expect((await ask('google')).sent).toMatchObject({ authorization: headers.resize })
  expect((await ask('google', '/function/blur/x')).sent).toMatchObject({ authorization: headers.blur })
  const signed = await ask('signed')
  expect(signed).toMatchObject({ headers: { 'x-signed': 'true' }, seen: { body: 'a body' } })
  expect(signed.sent['x-amz-security-token']).toBe('the-session')
  for (const { sent } of [plain, signed])
    expect(Object.keys(sent).filter((name) => name.startsWith('x-fado-'))).toEqual(['x-fado-bucket'])

  const shown = [
    await envoy.get('/config_dump?include_eds'),
    await envoy.get('/clusters?format=json'),
    envoy.log(),
    JSON.stringify(proxy.status().flatMap(({ streamId }) => [...proxy.resources(streamId)])),
  ].join()
  expect(shown).toContain('envoy.http.injected_credentials.generic')
  for (const secret of ['the-azure-key', 'the-token', 'token-of-resize', 'the-aws-secret', 'the-session'])
    expect(shown, secret).not.toContain(secret)
})

test('a try elsewhere carries nothing of the one before', async () => {
  const dead = await freePort()
  const key = {
    auth: { kind: 'key', header: 'x-functions-key' },
    secrets: { version: '1', header: 'the-key' },
  } as const
  const kinds: Record<string, Partial<FaasEndpoint>> = {
    plain: {},
    knative: { kind: 'KNATIVE', pathTemplate: '//{name}.default.example.org{rest}' },
    azure: { kind: 'AZURE_FUNCTIONS', ...key },
    lambda: {
      kind: 'AWS_LAMBDA',
      payload: 'raw',
      ...awsAuth,
      secrets: { version: '1', secretKey: 's', sessionToken: 't' },
    },
  }
  const ids = Object.keys(kinds)
  const ports = new Map(await Promise.all(ids.map(async (id) => [id, (await startFunctions(id)).port] as const)))
  const of = (id: string, port = ports.get(id) ?? 0) => endpointOf({ name: id, port }, kinds[id])
  const { call, proxy, acked } = await route(ids.map((id) => of(id)))
  const path = '/function/resize/x?y=1'
  const sent = {
    method: 'PUT',
    body: 'bytes',
    headers: { host: 'client', 'content-type': 'text/x', 'x-functions-key': 'mine' },
  }
  const wellFormed = async (id: string) => {
    const { body } = await call(path, { bucket: id, ...sent })
    return stable(seen(body))
  }
  // Times, and what is signed with them, differ from call to call.
  const stable = (one: Seen) => {
    const { authorization, 'x-amz-date': date, 'x-fado-bucket': _, ...headers } = headersOf(one)
    return { ...one, rawHeaders: headers, authorization: authorization?.split('/')[0], date: date?.length }
  }
  let number = ids.length + 1
  for (const living of ids) {
    proxy.apply({ kind: 'endpoints', endpoints: ids.map((id) => of(id)) })
    const expected = await wellFormed(living)
    for (const failing of ids.filter((id) => id !== living)) {
      proxy.apply({ kind: 'endpoints', endpoints: ids.map((id) => (id === failing ? of(id, dead) : of(id))) })
      number++
      proxy.apply({ kind: 'routes', routes: [{ bucket: 'both', number, table: tableOf([failing, living]) }] })
      await acked(number)
      const tries = new Set<string>()
      for (let i = 0; i < 20 && !tries.has('try=2'); i++) {
        const answer = await call(path, { bucket: 'both', ...sent })
        expect(answer.status).toBe(200)
        tries.add(String(answer.headers['x-fado-decision']).split(';')[2] ?? '')
        expect(stable(seen(answer.body)), `${failing}, then ${living}`).toEqual(expected)
      }
      expect([...tries], `${failing}, then ${living}`).toContain('try=2')
    }
  }
})
