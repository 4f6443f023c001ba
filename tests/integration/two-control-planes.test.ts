// Two control planes on one database, one Envoy that knows both: either may be killed or paused, calls go on, and what is
// changed meanwhile is routed within ten seconds.
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { expect, onTestFinished, test } from 'vitest'
import { startEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { startMinio } from '../support/minio.ts'
import { freshDatabase } from '../support/postgres.ts'
import { bucketHeader, hammer, startFunctions } from '../support/routing.ts'
import { runServe, serveToken } from '../support/run-serve.ts'

type Server = Awaited<ReturnType<typeof runServe>>

const longestSeconds = 10

test('either of two control planes is killed and paused under load: no call fails, and the other one goes on', async () => {
  const database = await freshDatabase()
  const env = { FADO_SECRET_KEY: randomBytes(32).toString('hex'), FADO_INGRESS_PORT: String(await freePort()) }
  const ports = [await freePort(), await freePort()] as const
  const start = (xdsPort: number) => runServe(database, { ...env, FADO_XDS_PORT: String(xdsPort) })
  let a = await start(ports[0])
  const b = await start(ports[1])
  const minio = await startMinio()
  onTestFinished(() => minio.stop())
  const functions = await startFunctions('hpc')
  await a.ask('mutation { clusterCreate(input: { name: "hpc" }) { __typename } }')
  const { endpoint, accessKey, secretKey } = minio
  await a.ask('mutation ($input: StorageDeploymentAddInput!) { storageDeploymentAdd(input: $input) { __typename } }', {
    input: { cluster: 'hpc', name: 'hpc', endpoint, accessKey, secretKey },
  })
  await a.ask('mutation ($input: FaasDeploymentAddInput!) { faasDeploymentAdd(input: $input) { __typename } }', {
    input: { cluster: 'hpc', kind: 'HTTP', url: `http://127.0.0.1:${functions.port}` },
  })
  await a.ask('mutation ($input: BucketCreateInput!) { bucketCreate(input: $input) { __typename } }', {
    input: { name: 'photos', storageDeployment: 'hpc' },
  })
  await startEnvoy({ xdsPort: ports, token: serveToken })
  const ingress = Number(env.FADO_INGRESS_PORT)
  const called = () =>
    fetch(`http://127.0.0.1:${ingress}/function/f`, { headers: { [bucketHeader]: 'photos' } }).catch(() => undefined)
  await eventually('the bucket is served', async () => (await called())?.status === 200, 20)
  const load = hammer(ingress, '/function/f', { bucket: 'photos' }, 2)

  /** Another table by one control plane; how long until every proxy that counts has it. */
  let timeout = 100
  async function change(server: Server): Promise<number> {
    const begun = performance.now()
    timeout++
    const input = { scope: { bucket: 'photos' }, name: 'invocation_timeout', value: timeout }
    await server.ask('mutation ($input: PolicySetInput!) { policySet(input: $input) { __typename } }', { input })
    await eventually(
      'the change is routed',
      async () => {
        const { bucket } = await server.ask(
          '{ bucket(name: "photos") { route { state waitsFor { reason { message } } } } }',
        )
        return bucket.route.state === 'SERVING'
      },
      60,
    )
    return (performance.now() - begun) / 1000
  }
  const took: Record<string, number> = {}
  took['both'] = await change(b)
  a.child.kill('SIGKILL')
  took['the first is killed'] = await change(b)
  const { proxies } = await b.ask('{ proxies { controlPlane } }')
  expect(proxies).toEqual([{ controlPlane: `${hostname()}:${ports[1]}` }])
  a = await start(ports[0])
  took['the first is back'] = await change(a)
  b.child.kill('SIGSTOP')
  took['the second is paused'] = await change(a)
  b.child.kill('SIGCONT')
  took['the second goes on'] = await change(b)
  b.child.kill('SIGKILL')
  took['the second is killed'] = await change(a)
  const { failures } = await load.stop()
  expect(failures).toEqual([])
  for (const [when, seconds] of Object.entries(took)) expect(seconds, when).toBeLessThan(longestSeconds)
}, 240_000)
