// `fado serve` whose database falls silent: it says so, goes on when it can, and can always be ended.
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createPool } from '../../server/db/core/pool.ts'
import { startOf } from '../../server/process-table.ts'
import { createStorageDriver } from '../../server/storage/create-storage-driver.ts'
import { eventually } from '../support/eventually.ts'
import { startMinio } from '../support/minio.ts'
import { freshDatabase } from '../support/postgres.ts'
import { runServe, untilGone } from '../support/run-serve.ts'
import { portOf, startTcpProxy, through } from '../support/tcp-proxy.ts'

const stopMs = 10_000

async function serveThroughProxy(env: Readonly<Record<string, string>> = {}) {
  const database = await freshDatabase()
  const proxy = await startTcpProxy(portOf(database))
  return { database, proxy, fado: await runServe(through(database, proxy), env) }
}
type Fado = Awaited<ReturnType<typeof runServe>>

async function store(fado: Fado, name: string) {
  const minio = await startMinio()
  onTestFinished(() => minio.stop())
  const { endpoint, accessKey, secretKey } = minio
  await fado.ask(`mutation ($name: String!) { clusterCreate(input: { name: $name, zones: ["eu"] }) { __typename } }`, {
    name,
  })
  const input = { cluster: name, name, endpoint, accessKey, secretKey }
  const added = await fado.ask(
    `mutation ($input: StorageDeploymentAddInput!) { storageDeploymentAdd(input: $input) { __typename } }`,
    { input },
  )
  expect(added.storageDeploymentAdd.__typename).toBe('StorageDeploymentAddPayload')
  const driver = createStorageDriver({ endpoint, region: 'us-east-1', accessKey, secretKey })
  onTestFinished(() => driver.close())
  return driver
}

const readiness = async ({ url }: Fado) => {
  const response = await fetch(`${url}/readyz`)
  return `${response.status} ${(await response.text()).trim()}`
}

test('it says so, and copies again within a minute though the old connections stay dead; never more than it may have', async () => {
  const { database, proxy, fado } = await serveThroughProxy({ FADO_DATABASE_CONNECTIONS: '20' })
  const direct = createPool(database, { max: 1, name: 'test', onError: () => undefined })
  onTestFinished(() => direct.end())
  let most = 0
  const count = setInterval(async () => {
    const { rows } = await direct.query<{ n: number }>(
      `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'fado%'`,
    )
    most = Math.max(most, rows[0]?.n ?? 0)
  }, 100)
  onTestFinished(() => clearInterval(count))
  const [master, replica] = [await store(fado, 'one'), await store(fado, 'two')]
  const created = await fado.ask(`mutation { bucketCreate(input: { name: "photos", storageDeployment: "one",
    policies: [{ name: "target_replica_count", value: 1 }] }) { __typename } }`)
  expect(created.bucketCreate.__typename).toBe('BucketCreatePayload')
  const put = (key: string) => master.put('photos', key, { body: Buffer.from(key), size: key.length, metadata: {} })
  const isCopied = (key: string) => replica.head('photos', key).then((head) => head !== null)
  await Promise.all(Array.from({ length: 100 }, (_, i) => put(`before/${i}`)))
  await fado.ask(`mutation { replicaResync(input: { bucket: "photos", storageDeployment: "two" }) { __typename } }`)
  await eventually('all are copied', () => isCopied('before/99'), 30)
  const usual = most

  proxy.freezeNew(true)
  proxy.freezeOpen()
  expect(
    await eventually(
      'it is not ready',
      async () => {
        const answer = await readiness(fado)
        return answer.startsWith('503') && answer
      },
      10,
    ),
  ).toMatch(/^503 not ready: PostgreSQL cannot be used: .+/)
  await put('after')
  proxy.freezeNew(false)
  await eventually('it is ready', fado.isReady, 60)
  await fado.ask(`mutation { replicaResync(input: { bucket: "photos", storageDeployment: "two" }) { __typename } }`)
  await eventually('it copies', () => isCopied('after'), 60)
  expect(usual).toBeGreaterThan(4)
  expect(usual).toBeLessThanOrEqual(20)
}, 300_000)

test('SIGTERM ends it and its mover within 10 s though its database is silent', async () => {
  const { proxy, fado } = await serveThroughProxy()
  const mover = await fado.mover()
  const held = connect(Number(new URL(fado.url).port), '127.0.0.1').on('error', () => undefined)
  onTestFinished(() => void held.destroy())
  held.write('POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{') // and says nothing more
  proxy.freezeNew(true)
  proxy.freezeOpen()
  const begun = performance.now()
  fado.child.kill('SIGTERM')
  await fado.gone
  expect(performance.now() - begun).toBeLessThan(stopMs)
  expect(await startOf(mover)).toBeUndefined()
})

test('it ends within 10 s when it is told so while it starts', async () => {
  const database = await freshDatabase()
  const proxy = await startTcpProxy(portOf(database))
  proxy.freezeNew(true)
  const refused = runServe(through(database, proxy)).catch((error: Error) => error.message)
  const begun = performance.now()
  expect(await refused).toMatch(/^1 fado: PostgreSQL cannot be used/)
  expect(performance.now() - begun).toBeLessThan(2 * stopMs)
})

test('a mover that hangs does not outlive a control plane that is killed', async () => {
  const { fado } = await serveThroughProxy()
  const mover = await fado.mover()
  process.kill(mover, 'SIGSTOP') // it hears no other signal but KILL
  fado.child.kill('SIGKILL')
  await fado.gone
  await untilGone(mover, 10)
})

test('a mover whose database is silent does not outlive a control plane that is killed', async () => {
  const { proxy, fado } = await serveThroughProxy()
  const mover = await fado.mover()
  proxy.freezeNew(true)
  proxy.freezeOpen()
  fado.child.kill('SIGKILL')
  await fado.gone
  await untilGone(mover, 10)
})
