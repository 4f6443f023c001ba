// A server of gRPC beside a plain platform, from the API to a real Envoy: registered, probed, called, explained.
import { status } from '@grpc/grpc-js'
import { expect, onTestFinished, test } from 'vitest'
import { startEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { grpcClient, startGrpcServer } from '../support/grpc.ts'
import { startMinio } from '../support/minio.ts'
import { freshDatabase } from '../support/postgres.ts'
import { startFunctions } from '../support/routing.ts'
import { runServe, serveToken } from '../support/run-serve.ts'

test('a deployment that takes gRPC is registered, found well, and alone called and explained for calls of gRPC', async () => {
  const ingress = await freePort()
  const fado = await runServe(await freshDatabase(), { FADO_INGRESS_PORT: String(ingress) })
  const minio = await startMinio()
  onTestFinished(() => minio.stop())
  const [plain, server] = [await startFunctions('plain'), await startGrpcServer('server')]
  const mutate = async (field: string, type: string, input: object, shown = '__typename') => {
    const payload = `... on ${type}Payload { ${shown} } ... on UserError { message }`
    const answer = await fado.ask(`mutation ($input: ${type}Input!) { ${field}(input: $input) { ${payload} } }`, {
      input,
    })
    return answer[field]
  }
  await mutate('clusterCreate', 'ClusterCreate', { name: 'lab' })
  const { endpoint, accessKey, secretKey } = minio
  await mutate('storageDeploymentAdd', 'StorageDeploymentAdd', {
    ...{ cluster: 'lab', name: 'lab', endpoint, accessKey, secretKey },
  })
  const at = (port: number) => `http://127.0.0.1:${port}`
  const add = (input: object) =>
    mutate(
      'faasDeploymentAdd',
      'FaasDeploymentAdd',
      { cluster: 'lab', ...input },
      'faasDeployment { id takes usedPathTemplate }',
    )
  expect(await add({ kind: 'OPENFAAS', url: at(server.port), takes: 'GRPC' })).toEqual({
    message: expect.stringContaining('OpenFaaS there takes no calls of gRPC'),
  })
  expect((await add({ kind: 'HTTP', url: at(plain.port) })).faasDeployment).toMatchObject({ takes: 'PLAIN' })
  const { faasDeployment } = await add({ kind: 'HTTP', url: at(server.port), takes: 'GRPC' })
  expect(faasDeployment).toMatchObject({ takes: 'GRPC', usedPathTemplate: '{rest}' })
  await mutate('bucketCreate', 'BucketCreate', { name: 'photos', storageDeployment: 'lab' })
  await startEnvoy({ xdsPort: fado.xdsPort, token: serveToken })
  const client = grpcClient(ingress)
  const say = () => client.unary('Say', 'x', { bucket: 'photos' })
  await eventually('a call of gRPC is answered', async () => (await say()).code === status.OK, 20)
  const get = () => fetch(`http://127.0.0.1:${ingress}/function/f`, { headers: { 'x-fado-bucket': 'photos' } })
  for (let n = 0; n < 4; n++) expect([(await say()).text, (await get()).status]).toEqual(['server heard x', 200])
  const { node } = await fado.ask(
    'query ($id: ID!) { node(id: $id) { ... on FaasDeployment { health { status detail } } } }',
    { id: faasDeployment.id },
  )
  expect(node.health).toEqual({ status: 'HEALTHY', detail: null })

  const explain = async (path: string, contentType: string) => {
    const call = {
      method: 'POST',
      path,
      headers: [
        { name: 'x-fado-bucket', value: 'photos' },
        { name: 'content-type', value: contentType },
      ],
    }
    const { explainRequest } = await fado.ask(
      'query ($input: ExplainRequestInput!) { explainRequest(input: $input) { outcome grpcStatus candidates { url verdict reasons { code } } } }',
      { input: call },
    )
    return explainRequest
  }
  const path = '/function/greeter/test.Echo/Say'
  const [ofGrpc, ofPlain] = [await explain(path, 'application/grpc'), await explain(path, 'application/json')]
  const verdicts = (explained: { candidates: { url: string; verdict: string; reasons: { code: string }[] }[] }) =>
    Object.fromEntries(explained.candidates.map(({ url, reasons }) => [url, reasons.map(({ code }) => code)]))
  expect(verdicts(ofGrpc)).toEqual({ [at(plain.port)]: ['KIND_NOT_TAKEN'], [at(server.port)]: [] })
  expect(verdicts(ofPlain)).toEqual({ [at(plain.port)]: [], [at(server.port)]: ['KIND_NOT_TAKEN'] })
  expect((await explain('/nothing', 'application/grpc')).grpcStatus).toBe(status.UNIMPLEMENTED)

  await server.stop()
  await eventually(
    'it is found dead',
    async () => {
      const answer = await fado.ask(
        'query ($id: ID!) { node(id: $id) { ... on FaasDeployment { health { status } } } }',
        {
          id: faasDeployment.id,
        },
      )
      return answer.node.health.status === 'UNHEALTHY'
    },
    20,
  )
  expect((await say()).code).toBe(status.UNAVAILABLE)
})
