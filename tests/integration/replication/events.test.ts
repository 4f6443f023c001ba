// A store whose events somebody else has set up: they are believed once they come, and not any longer than they do.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { Client } from 'minio'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { type LivingFleet, livingFleet } from '../../support/living-fleet.ts'
import { startMinio, webhookTarget } from '../../support/minio.ts'
import type { StoreProcess } from '../../support/store-process.ts'

/** Stands for what an operator has set up: hands on what a store posts, as long as it works. */
async function startHandingOn() {
  const post: { url?: string; token?: string; works: boolean } = { works: true }
  const server = createServer(async (request, response) => {
    const body = await text(request)
    response.end()
    if (request.method !== 'POST' || !post.works || post.url === undefined) return
    const authorization = `Basic ${Buffer.from(`fado:${post.token}`).toString('base64')}`
    await fetch(post.url, { method: 'POST', body, headers: { authorization } })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => server.close()
  return { post, close, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}

const running: Record<string, StoreProcess> = {}
let outside: Awaited<ReturnType<typeof startHandingOn>>
beforeAll(async () => {
  outside = await startHandingOn()
  const env = { ...webhookTarget('OUTSIDE', { url: outside.url }), ...webhookTarget('FADO', { url: outside.url }) }
  const [hpc, edge] = await Promise.all([startMinio({ env }), startMinio()])
  Object.assign(running, { hpc, edge })
})
afterAll(async () => {
  await Promise.all(Object.values(running).map((store) => store.stop()))
  outside?.close()
})

function clientOf({ endpoint, accessKey, secretKey }: StoreProcess): Client {
  const { hostname, port } = new URL(endpoint)
  return new Client({ endPoint: hostname, port: Number(port), useSSL: false, accessKey, secretKey })
}

const maxStaleness = 2

/** The fleet with a bucket on hpc, whose store is told to be set up from outside, and a whole copy on edge. */
async function replicated(bucket: string) {
  outside.post.works = true
  const fleet = await livingFleet(running)
  const set = await fleet.web.mutate(
    'storageDeploymentUpdate',
    { name: 'hpc', events: 'EXTERNAL' },
    'storageDeployment { events { setting state } }',
  )
  expect(set.storageDeployment.events).toEqual({ setting: 'EXTERNAL', state: 'UNHEARD' })
  const { secret } = await fleet.web.mutate('tokenCreate', { name: 'outside', role: 'NOTIFY' }, 'secret')
  Object.assign(outside.post, { url: `${fleet.web.url}/api/notify/hpc`, token: secret })
  const policies = [
    { name: 'target_replica_count', value: 1 },
    { name: 'max_staleness', value: maxStaleness },
  ]
  await fleet.web.mutate('bucketCreate', { name: bucket, storageDeployment: 'hpc', policies }, 'bucket { id }')
  const id = await fleet.bucketId(bucket)
  fleet.startMover()
  await fleet.settled(id, 'edge')
  await eventually('the master was looked at', async () => (await sweptAt(fleet, id)) > 0)
  return { fleet, id }
}

/** When the last whole look at the master began; 0: there was none yet. */
const sweptAt = async (fleet: LivingFleet, id: string): Promise<number> =>
  (
    await fleet.one<{ at: Date | null }>('SELECT master_swept_at AS at FROM bucket WHERE id = $1', [id])
  ).at?.getTime() ?? 0

const eventsOf = async (fleet: LivingFleet, bucket: string) =>
  (
    await fleet.web.ask('query ($b: String!) { bucket(name: $b) { master { events { state form silentSince } } } }', {
      b: bucket,
    })
  ).data.bucket.master.events
const storeEvents = async (fleet: LivingFleet) =>
  (
    await fleet.web.ask(
      '{ storageDeployment(name: "hpc") { events { state form lastEventAt hints { code message } } } }',
    )
  ).data.storageDeployment.events
/** How long the master is left unlooked at now, in seconds; null while it is looked at. */
const restsFor = async (fleet: LivingFleet, id: string) =>
  (
    await fleet.one<{ seconds: number | null }>(
      `SELECT CASE WHEN lease_owner IS NULL THEN extract(epoch FROM not_before - now())::float8 END AS seconds
       FROM replica_task WHERE bucket_id = $1 AND kind = 'master_sweep'`,
      [id],
    )
  ).seconds
/** As after the longest interval. */
const lookNow = async (fleet: LivingFleet, id: string) => {
  await fleet.pool.query(`UPDATE replica_task SET not_before = now() WHERE bucket_id = $1 AND kind = 'master_sweep'`, [
    id,
  ])
  fleet.pool.wake('task')
}

test('events from outside lead to copies and to rare looks; when they stop, looks find what they let pass and come often again', async () => {
  const bucket = 'outside'
  const { fleet, id } = await replicated(bucket)
  const hpc = clientOf(running['hpc'] as StoreProcess)
  expect(await fleet.store('hpc').headBucket(bucket)).not.toBeNull()
  const before = await hpc.getBucketNotification(bucket)
  expect(JSON.stringify(before), 'FaDO has subscribed nothing').not.toContain('FADO')
  expect(await eventsOf(fleet, bucket)).toEqual({ state: 'UNHEARD', form: null, silentSince: null })

  await hpc.setBucketNotification(bucket, {
    QueueConfiguration: [
      { Queue: 'arn:minio:sqs::OUTSIDE:webhook', Event: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] },
    ],
    // biome-ignore lint/suspicious/noExplicitAny: the package's type has no plain form
  } as any)
  await fleet.put('hpc', bucket, 'told', 'told')
  await eventually('the copy follows', async () => (await fleet.text('edge', bucket, 'told')) === 'told')
  await eventually('it is believed', async () => (await eventsOf(fleet, bucket)).state === 'BELIEVED')
  expect(await storeEvents(fleet)).toMatchObject({ state: 'BELIEVED', form: 'MINIO_WEBHOOK', hints: [] })
  await eventually(
    'looks are rarer than max_staleness would have it',
    async () => ((await restsFor(fleet, id)) ?? 0) > maxStaleness,
    30,
  )

  outside.post.works = false
  await fleet.put('hpc', bucket, 'untold', 'untold')
  await lookNow(fleet, id)
  await eventually('a look finds it', async () => (await fleet.text('edge', bucket, 'untold')) === 'untold')
  await eventually('who did not tell is not believed', async () => (await eventsOf(fleet, bucket)).state === 'SILENT')
  expect((await eventsOf(fleet, bucket)).silentSince).not.toBeNull()
  const { state, hints } = await storeEvents(fleet)
  expect([state, hints[0].code]).toEqual(['SILENT', 'EVENTS_SILENT'])
  expect(hints[0].message).toContain('fado store events hpc')
  // However long nothing changes: from now on it rests for half of max_staleness at most.
  for (let looks = 0; looks < 4; looks++) {
    const rest = await eventually('it rests', () => restsFor(fleet, id))
    expect(rest).toBeLessThanOrEqual(maxStaleness / 2)
    const last = await sweptAt(fleet, id)
    await eventually('it is looked at again', async () => (await sweptAt(fleet, id)) > last)
  }
  await fleet.put('hpc', bucket, 'later', 'later')
  await eventually('a look finds that, too', async () => (await fleet.text('edge', bucket, 'later')) === 'later')
  expect((await eventsOf(fleet, bucket)).state).toBe('SILENT')

  outside.post.works = true
  await fleet.put('hpc', bucket, 'again', 'again')
  await eventually(
    'with the next event it is believed again',
    async () => (await eventsOf(fleet, bucket)).state === 'BELIEVED',
    30,
  )
})

test('where FaDO subscribes itself the same holds: a source that falls silent is subscribed again and not believed till it tells', async () => {
  const bucket = 'own'
  const { fleet, id } = await replicated(bucket)
  const hpc = clientOf(running['hpc'] as StoreProcess)
  await fleet.put('hpc', bucket, 'untold before', 'untold')
  await lookNow(fleet, id)
  await eventually('nobody told of it', async () => (await eventsOf(fleet, bucket)).state === 'SILENT')
  await fleet.web.mutate('storageDeploymentUpdate', { name: 'hpc', events: 'AUTO' }, 'storageDeployment { id }')
  await eventually('FaDO has subscribed', async () =>
    JSON.stringify(await hpc.getBucketNotification(bucket)).includes('FADO'),
  )
  await fleet.idle()
  expect((await eventsOf(fleet, bucket)).state).toBe('BELIEVED')
  await hpc.removeAllBucketNotification(bucket)
  await fleet.put('hpc', bucket, 'untold', 'untold')
  await lookNow(fleet, id)
  await eventually('a look finds it', async () => (await fleet.text('edge', bucket, 'untold')) === 'untold')
  await eventually('it is subscribed again', async () =>
    JSON.stringify(await hpc.getBucketNotification(bucket)).includes('FADO'),
  )
  await fleet.put('hpc', bucket, 'told', 'told')
  await eventually(
    'it tells, and is believed again',
    async () => (await eventsOf(fleet, bucket)).form === 'MINIO_WEBHOOK',
    30,
  )
  expect((await eventsOf(fleet, bucket)).state).toBe('BELIEVED')
})

test('a look that finds only what is known to wait proves nothing against who tells', async () => {
  const bucket = 'backlog'
  const { fleet, id } = await replicated(bucket)
  await fleet.idle()
  const look = async () => {
    const before = await sweptAt(fleet, id)
    await lookNow(fleet, id)
    await eventually('it was looked at', async () => (await sweptAt(fleet, id)) > before)
  }
  await fleet.pool.query(
    `INSERT INTO dirty_object (bucket_id, storage_id, key, lease_owner, lease_until, not_before)
     SELECT id, master_storage_id, 'waits', gen_random_uuid(), now() + interval '1 h', now() + interval '1 h' FROM bucket WHERE id = $1`,
    [id],
  )
  await fleet.put('hpc', bucket, 'waits', 'waits')
  await look()
  await eventually('it is copied', async () => (await fleet.text('edge', bucket, 'waits')) === 'waits')
  expect((await eventsOf(fleet, bucket)).state).toBe('UNHEARD')
  await fleet.put('hpc', bucket, 'untold', 'untold')
  await look()
  await eventually('nobody told of this one', async () => (await eventsOf(fleet, bucket)).state === 'SILENT')
})
