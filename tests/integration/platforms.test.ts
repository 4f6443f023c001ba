// A Lambda and a keyed platform beside a plain one, from the API to a real Envoy: registered, called, given another key.
import { expect, onTestFinished, test } from 'vitest'
import { startEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { startMinio } from '../support/minio.ts'
import { freshDatabase } from '../support/postgres.ts'
import { startFunctions } from '../support/routing.ts'
import { runServe, serveToken } from '../support/run-serve.ts'
import { isSigned } from '../support/sigv4.ts'

const key = { accessKey: 'AKIAEXAMPLE', region: 'eu-central-1', service: 'lambda' }

test('platforms are registered with their secrets, called with them, and with others once they are changed', async () => {
  const ingress = await freePort()
  const fado = await runServe(await freshDatabase(), { FADO_INGRESS_PORT: String(ingress) })
  const minio = await startMinio()
  onTestFinished(() => minio.stop())
  let secretKey = 'the first secret'
  const lambda = await startFunctions('lambda', async (request, response, body) => {
    if (request.method === 'GET') return void response.writeHead(404).end()
    const signed = await isSigned(request, body, { ...key, secretKey })
    const { rawPath } = signed ? (JSON.parse(body.toString()) as { rawPath: string }) : { rawPath: '' }
    response.writeHead(signed ? 200 : 403)
    response.end(JSON.stringify({ statusCode: 200, body: `lambda ${rawPath}` }))
  })
  const azure = await startFunctions('azure', async ({ headers, url }, response) => {
    response.end(`azure ${url} ${headers['x-functions-key']}`)
  })
  const mutate = async (field: string, type: string, input: object, shown = '__typename') => {
    const payload = `... on ${type}Payload { ${shown} } ... on UserError { message }`
    const answer = await fado.ask(`mutation ($input: ${type}Input!) { ${field}(input: $input) { ${payload} } }`, {
      input,
    })
    if (answer[field].message) throw new Error(answer[field].message)
    return answer[field]
  }
  await mutate('clusterCreate', 'ClusterCreate', { name: 'cloud' })
  const { endpoint, accessKey, secretKey: storeKey } = minio
  const store = { cluster: 'cloud', name: 'cloud', endpoint, accessKey, secretKey: storeKey }
  await mutate('storageDeploymentAdd', 'StorageDeploymentAdd', store)
  const added = await mutate(
    'faasDeploymentAdd',
    'FaasDeploymentAdd',
    {
      ...{ cluster: 'cloud', kind: 'AWS_LAMBDA', url: `http://127.0.0.1:${lambda.port}`, functions: ['resize'] },
      auth: { awsSigV4: { ...key, secretKey } },
    },
    'faasDeployment { id auth { kind as } pathTemplate payload functions }',
  )
  expect(added.faasDeployment).toMatchObject({
    auth: { kind: 'AWS_SIGV4', as: 'AKIAEXAMPLE' },
    functions: ['resize'],
  })
  await mutate('faasDeploymentAdd', 'FaasDeploymentAdd', {
    ...{ cluster: 'cloud', kind: 'AZURE_FUNCTIONS', url: `http://127.0.0.1:${azure.port}`, functions: ['blur'] },
    auth: { key: { header: 'x-functions-key', value: 'the key' } },
  })
  await mutate('bucketCreate', 'BucketCreate', { name: 'photos', storageDeployment: 'cloud' })
  await startEnvoy({ xdsPort: fado.xdsPort, token: serveToken })
  const call = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${ingress}/function/${path}`, {
      headers: { 'x-fado-bucket': 'photos' },
    })
    return `${response.status} ${await response.text()}`
  }
  const answers = (path: string, wanted: RegExp) =>
    eventually(`${path} answers ${wanted}`, async () => wanted.test(await call(path).catch(String)), 20)
  await answers('resize/a.png', /^200 lambda \/a\.png$/)
  await answers('blur/a.png', /^200 azure \/api\/blur\/a\.png the key$/)
  expect(await call('other')).toMatch(/^503 /)

  const hints = async () => {
    const { node } = await fado.ask('query ($id: ID!) { node(id: $id) { ... on FaasDeployment { hints { code } } } }', {
      id: added.faasDeployment.id,
    })
    return (node.hints as { code: string }[]).map(({ code }) => code)
  }
  expect(await hints()).toEqual([])
  secretKey = 'the second secret'
  expect(await call('resize')).toMatch(/^502 .*"urn:fado:problem:platform-refused"/)
  await eventually('that is a hint', async () => (await hints()).includes('PLATFORM_REFUSES'), 20)
  const input = { method: 'GET', path: '/function/resize', headers: [{ name: 'x-fado-bucket', value: 'photos' }] }
  const explained = async () => {
    const { explainRequest } = await fado.ask(
      'query ($input: ExplainRequestInput!) { explainRequest(input: $input) { outcome reasons { code } } }',
      { input },
    )
    return [explainRequest.outcome, (explainRequest.reasons as { code: string }[]).map(({ code }) => code)]
  }
  expect(await explained()).toEqual(['ROUTED', ['PLATFORM_REFUSES']])
  const { invocationStats } = await fado.ask('{ invocationStats { total { keyErrors functionErrors } } }', {})
  expect(invocationStats.total).toMatchObject({ keyErrors: expect.closeTo(1 / 60), functionErrors: 0 })
  await mutate('faasDeploymentUpdate', 'FaasDeploymentUpdate', {
    id: added.faasDeployment.id,
    auth: { awsSigV4: { ...key, secretKey } },
  })
  await answers('resize/b.png', /^200 lambda \/b\.png$/)
  expect(await hints()).toEqual([])
  expect(await explained()).toEqual(['ROUTED', []])
  for (const secret of ['the key', 'the first secret', 'the second secret']) expect(fado.log()).not.toContain(secret)
})
