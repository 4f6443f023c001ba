// Pauses, links and what copies wait for, over the API.
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { startTestWeb, type TestWeb } from '../../support/web.ts'
import { fleet } from '../../support/world/fleet.ts'

let web: TestWeb
beforeEach(async () => {
  web = await startTestWeb()
  onTestFinished(() => web.stop())
})

/** `photos` on hpc with a copy on edge, for which `k` waits. */
async function start() {
  const rows = fleet(web.pool)
  const [hpc, edge] = [await rows.cluster('hpc', { zones: ['germany'] }), await rows.cluster('edge')]
  const bucket = await hpc.store.bucket('photos')
  const replica = await bucket.replica(edge.store)
  await replica.waits('k')
  return { hpc, edge, bucket, replica }
}
async function order(name: 'Pause' | 'Resume', input: object, token?: string) {
  const operation = `mutation ($input: ReplicationScopeInput!) { replication${name}(input: $input) {
    __typename ... on Replication${name}Payload { paused } ... on UserError { message code path } } }`
  return (await web.ask(operation, { input }, token)).data[`replication${name}`]
}
const pause = (scope: object, token?: string) => order('Pause', scope, token)
const resume = (scope: object) => order('Resume', scope)
const lag = async () =>
  (
    await web.ask(
      `query ReplicaLag($name: String!) { bucket(name: $name) { pause { by } replicas { storageDeployment { name }
         lag { objects bytes oldestSeconds byAge { upToSeconds objects bytes } }
         waiting { reason { code message } objects bytes etaSeconds } } } }`,
      { name: 'photos' },
    )
  ).data.bucket
const links = async () =>
  (
    await web.ask(`{ links { from { name } to { name } paused pause { by } bytesPerSecond roundTripMs moving
      waiting { objects bytes } limit { bytesPerSecond concurrency } } }`)
  ).data.links
const codesOf = async (store: string) =>
  (await lag()).replicas
    .find((one: { storageDeployment: { name: string } }) => one.storageDeployment.name === store)
    .waiting.map((one: { reason: { code: string } }) => one.reason.code)
const codes = async () => (await lag()).replicas[0].waiting.map((one: { reason: { code: string } }) => one.reason.code)

test('a bucket and a link are paused and resumed, once or often, and who did it is kept', async () => {
  await start()
  const link = { link: { from: 'hpc', to: 'edge' } }
  for (const scope of [{ bucket: 'photos' }, link]) {
    expect(await pause(scope)).toMatchObject({ paused: true })
    expect(await pause(scope)).toMatchObject({ paused: true })
  }
  expect(await codes()).toEqual(['BUCKET_PAUSED', 'LINK_PAUSED'])
  expect((await lag()).pause).toEqual({ by: 'admin' })
  expect(await links()).toMatchObject([{ paused: true, pause: { by: 'admin' }, waiting: { objects: 1 } }])
  const { rows } = await web.pool.query('SELECT actor, action, subject FROM audit_event ORDER BY at LIMIT 3')
  expect(rows[2]).toEqual({ actor: 'admin', action: 'replicationPause', subject: 'hpc -> edge' })

  expect(await resume({ bucket: 'photos' })).toMatchObject({ paused: false })
  expect(await codes()).toEqual(['LINK_PAUSED'])
  for (let i = 0; i < 2; i++) expect(await resume(link)).toMatchObject({ paused: false })
  await web.pool.query('UPDATE dirty_object SET not_before = now()')
  expect(await codes()).toEqual(['LINK_BUSY'])
  expect((await lag()).pause).toBeNull()
})

test('what cannot be paused is refused with what is wrong', async () => {
  const { bucket } = await start()
  const link = (from: string, to: string) => ({ link: { from, to } })
  expect(await pause({ bucket: 'nobody' })).toMatchObject({ code: 'NOT_FOUND', path: ['input', 'bucket'] })
  expect(await pause(link('hpc', 'nowhere'))).toMatchObject({ code: 'NOT_FOUND', path: ['input', 'link', 'to'] })
  expect(await pause(link('hpc', 'hpc'))).toMatchObject({ code: 'VALIDATION_FAILED' })
  const token = async (role: string, zones: string[] = []) =>
    (await web.mutate('tokenCreate', { name: role, role, zones }, 'secret')).secret
  expect(await pause({ bucket: 'photos' }, await token('VIEWER'))).toMatchObject({ code: 'FORBIDDEN' })
  const bounded = await token('OPERATOR', ['germany'])
  expect(await pause({ bucket: 'photos' }, bounded)).toMatchObject({ paused: true })
  expect(await pause(link('hpc', 'edge'), bounded)).toMatchObject({ code: 'FORBIDDEN' })
  await web.pool.query(`UPDATE bucket SET state = 'deleting' WHERE id = $1`, [bucket.id])
  expect(await pause({ bucket: 'photos' })).toMatchObject({ code: 'CONFLICT' })
})

test('what is missing is counted by age, each figure with all that is younger', async () => {
  const { bucket, edge } = await start()
  await web.pool.query(`DELETE FROM dirty_object`)
  const ages = [1, 30, 30, 200, 800, 3_000, 100_000]
  for (const [i, age] of ages.entries())
    await web.pool.query(
      `INSERT INTO dirty_object (bucket_id, storage_id, key, size, since) VALUES ($1, $2, $3, 10, now() - make_interval(secs => $4))`,
      [bucket.id, edge.store.id, `k${i}`, age],
    )
  const [replica] = (await lag()).replicas
  expect(
    replica.lag.byAge.map((one: Record<string, number>) => [one['upToSeconds'], one['objects'], one['bytes']]),
  ).toEqual([
    [5, 1, 10],
    [60, 3, 30],
    [300, 4, 40],
    [900, 5, 50],
    [3600, 6, 60],
    [null, 7, 70],
  ])
  expect(replica.lag).toMatchObject({ objects: 7, bytes: 70 })
})

test('failures say why and when they are tried again, and a resync tries them now', async () => {
  const { replica } = await start()
  await web.pool.query(
    `UPDATE dirty_object SET attempts = 3, not_before = now() + interval '40 s',
       failure = '{"store": "edge", "error": "server-error", "detail": "the disk is full"}'`,
  )
  const [{ waiting }] = (await lag()).replicas
  expect(waiting).toMatchObject([{ objects: 1, reason: { code: 'TRIED_AGAIN' } }])
  expect(waiting[0].reason.message).toMatch(/^Retry 3 in (39|40) s because edge: the disk is full$/)
  expect(waiting[0].etaSeconds).toBeGreaterThan(30)
  await web.mutate('replicaResync', { bucket: 'photos', storageDeployment: 'edge' }, 'replica { id }')
  expect(await codes()).toEqual(['LINK_BUSY'])
  expect(replica.id).not.toBe('')
})

test('from where bytes come, and why, is told of a copy, of a link and of an object', async () => {
  const { edge, bucket, replica } = await start()
  const cloud = await fleet(web.pool).cluster('cloud')
  const asked = async () =>
    (
      await web.ask(`{ bucket(name: "photos") { replicas { storageDeployment { name } source { storageDeployment { name }
      reason { code message store } } } } links { from { name } to { name } reasons { code message } } }`)
    ).data
  const own = await asked()
  expect(own.bucket.replicas).toMatchObject([
    { source: { storageDeployment: { name: 'hpc' }, reason: { code: 'MASTER_ONLY', store: 'hpc' } } },
  ])
  expect(own.links).toMatchObject([{ from: { name: 'hpc' }, to: { name: 'edge' }, reasons: [] }])
  await bucket.replica(cloud.store)
  await web.pool.query(`UPDATE replica SET source_storage_id = $1, source_why = 'NEARER' WHERE id = $2`, [
    cloud.store.id,
    replica.id,
  ])
  const chosen = await asked()
  const why = 'cloud holds the same version and shares more zones with edge than the master does'
  const ofEdge = chosen.bucket.replicas.find(
    (one: { storageDeployment: { name: string } }) => one.storageDeployment.name === 'edge',
  )
  expect(ofEdge.source).toEqual({
    storageDeployment: { name: 'cloud' },
    reason: { code: 'NEARER', message: why, store: 'cloud' },
  })
  expect(chosen.links).toMatchObject([
    { from: { name: 'cloud' }, to: { name: 'edge' }, reasons: [{ code: 'NEARER', message: why }] },
    { from: { name: 'hpc' }, to: { name: 'cloud' }, reasons: [] },
    { from: { name: 'hpc' }, to: { name: 'edge' }, reasons: [] },
  ])
  // Movers that carry something for the copy over the link of another one are not missing.
  await web.pool.query(
    `UPDATE dirty_object SET not_before = now() - interval '1 min', since = now() - interval '1 min'`,
  )
  expect(await codesOf('edge')).toEqual(['NO_MOVER'])
  await web.pool.query(
    `INSERT INTO link_flow (owner, from_storage_id, to_storage_id, moving, bytes_per_second, concurrency)
     VALUES (gen_random_uuid(), $1, $2, 3, 1000, 64)`,
    [cloud.store.id, edge.store.id],
  )
  expect(await codesOf('edge')).toEqual(['LINK_BUSY'])
  // A store that was removed lends nothing any more.
  await web.pool.query('UPDATE replica SET source_storage_id = gen_random_uuid()')
  expect((await asked()).bucket.replicas).toMatchObject([
    { source: { storageDeployment: { name: 'hpc' } } },
    { source: { storageDeployment: { name: 'hpc' } } },
  ])
})

test('how many at once movers found to be right is told of a link, all of them together, with what lowered it last', async () => {
  const { hpc, edge } = await start()
  const told = async () =>
    (
      await web.ask(
        '{ links { concurrency { limit inUse most lowered { at reason { code message store } } } limit { concurrency } } }',
      )
    ).data.links[0]
  expect(await told()).toEqual({ concurrency: null, limit: { concurrency: null } })
  const say = (limit: number, by: string | null, store: string | null, ago: number | null) =>
    web.pool.query(
      `INSERT INTO link_flow (owner, from_storage_id, to_storage_id, moving, concurrency, in_use, most, lowered_by, lowered_storage_id, lowered_at)
       VALUES (gen_random_uuid(), $1, $2, 3, $3, 2, 128, $4, $5, now() - $6 * interval '1 s')`,
      [hpc.store.id, edge.store.id, limit, by, store, ago],
    )
  await say(10, null, null, null)
  expect((await told()).concurrency).toEqual({ limit: 10, inUse: 2, most: 128, lowered: null })
  await say(20, 'slow-down', edge.store.id, 5)
  await say(40, 'slower', hpc.store.id, 9)
  const { concurrency, limit } = await told()
  expect(limit).toEqual({ concurrency: 70 })
  expect(concurrency).toMatchObject({ limit: 70, inUse: 6, most: 384 })
  expect(concurrency.lowered.reason).toEqual({ code: 'STORE_BUSY', message: 'edge asked to be spared', store: 'edge' })
  expect(Date.now() - Date.parse(concurrency.lowered.at)).toBeGreaterThan(4_000)
  // What was under way when a limit fell goes on above it.
  await say(1, 'slower', hpc.store.id, 9)
  expect((await told()).concurrency).toMatchObject({ limit: 71, inUse: 7 })
})

test('a limit is of a cluster, wins over that of the fleet, and is shown with the link', async () => {
  await start()
  const set = (scope: object, value: unknown) =>
    web.mutate('policySet', { scope, name: 'bandwidth_limit', value }, 'policy { value source { kind name } }')
  expect(await set({ bucket: 'photos' }, 1e6)).toMatchObject({ code: 'VALIDATION_FAILED' })
  expect(await set({ cluster: 'edge' }, 1)).toMatchObject({ code: 'VALIDATION_FAILED' })
  expect(await set({ global: true }, 5e6)).toMatchObject({
    policy: { value: 5e6, source: { kind: 'GLOBAL', name: null } },
  })
  expect(await set({ cluster: 'edge' }, 1e6)).toMatchObject({
    policy: { value: 1e6, source: { kind: 'CLUSTER', name: 'edge' } },
  })
  expect((await links())[0].limit).toEqual({ bytesPerSecond: 1e6, concurrency: null })
  expect(await codes()).toEqual(['BANDWIDTH_LIMIT'])
  const limitIs = (value: number, kind: string) => ({ name: 'bandwidth_limit', value, source: { kind } })
  const { data } = await web.ask('{ clusters { nodes { name policies { name value source { kind } } } } }')
  expect(data.clusters.nodes).toMatchObject([
    { name: 'edge', policies: expect.arrayContaining([limitIs(1e6, 'CLUSTER')]) },
    { name: 'hpc', policies: expect.arrayContaining([limitIs(5e6, 'GLOBAL')]) },
  ])
  await set({ cluster: 'edge' }, 'unlimited')
  expect((await links())[0].limit.bytesPerSecond).toBe(5e6)
})

test('about when a copy has all is told of many by one statement each, from what its link carried and what others have waiting there', async () => {
  const { hpc, edge, bucket, replica } = await start()
  await web.pool.query(`UPDATE replica SET observed = 'complete', verified_at = now()`)
  const other = await hpc.store.bucket('others')
  await other.replica(edge.store)
  const waits = (id: string, count: number) =>
    web.pool.query(
      `INSERT INTO dirty_object (bucket_id, storage_id, key, size)
       SELECT $1, $2, 'n' || n, 100 FROM generate_series(1, $3::int) n`,
      [id, edge.store.id, count],
    )
  await waits(bucket.id, 9)
  await waits(other.id, 500)
  const etas = async () => {
    const { data } = await web.ask('{ buckets(first: 10) { nodes { name replicas { lag { objects etaSeconds } } } } }')
    const found: { name: string; replicas: { lag: { etaSeconds: number | null } }[] }[] = data.buckets.nodes
    return Object.fromEntries(found.map(({ name, replicas }) => [name, replicas[0]?.lag.etaSeconds]))
  }
  expect(await etas()).toMatchObject({ photos: null })
  await web.pool.query(
    `INSERT INTO link_flow (owner, from_storage_id, to_storage_id, moving, bytes_per_second, objects_per_second, concurrency)
     VALUES (gen_random_uuid(), $1, $2, 3, 1000, 2, 64)`,
    [hpc.store.id, edge.store.id],
  )
  // Ten of its own and as many of the other bucket, at two a second.
  expect((await etas())['photos']).toBe(10)
  // A first copy is told of by the same rule, in one figure.
  await web.pool.query(`UPDATE replica SET observed = 'syncing' WHERE bucket_id = $1`, [bucket.id])
  const figures = { objectsDone: 0, objectsTotal: 10, bytesDone: 0, bytesTotal: 900, bytesPerSecond: 7 }
  await replica.task('first_sync', { phase: 'copying', ...figures })
  const first = await web.ask('{ bucket(name: "photos") { replicas { lag { etaSeconds } progress { etaSeconds } } } }')
  expect(first.data.bucket.replicas).toEqual([{ lag: { etaSeconds: 10 }, progress: { etaSeconds: 10 } }])
  await pause({ bucket: 'photos' })
  expect((await etas())['photos']).toBeNull()
})

test('a window is of a cluster, kept as it is read, and told with the link and with what waits', async () => {
  await start()
  const set = (scope: object, value: unknown, name = 'replication_window') =>
    web.mutate('policySet', { scope, name, value }, 'policy { value source { kind name } }')
  expect(await set({ bucket: 'photos' }, '1:00-2:00')).toMatchObject({ code: 'VALIDATION_FAILED' })
  expect(await set({ cluster: 'edge' }, 'at night')).toMatchObject({
    code: 'VALIDATION_FAILED',
    message: expect.stringContaining('replication_window holds "at night", which is not a time such as 22:00-06:00'),
  })
  expect(await set({ cluster: 'edge' }, 5)).toMatchObject({ code: 'VALIDATION_FAILED' })
  const hour = (new Date().getUTCHours() + 12) % 24
  const kept = `${String(hour).padStart(2, '0')}:00-${String(hour).padStart(2, '0')}:30 UTC`
  expect(await set({ cluster: 'edge' }, `${hour}:00 - ${hour}:30`)).toMatchObject({
    policy: { value: kept, source: { kind: 'CLUSTER', name: 'edge' } },
  })
  const told = async () =>
    (
      await web.ask(
        '{ links { windows { cluster value open until bytesPerSecond message } limit { bytesPerSecond } } }',
      )
    ).data.links[0]
  const message = `The window of edge is closed until ${String(hour).padStart(2, '0')}:00 (UTC)`
  const window = { cluster: 'edge', value: kept, open: false, bytesPerSecond: null, message }
  expect(await told()).toMatchObject({ windows: [window], limit: { bytesPerSecond: null } })
  expect(new Date((await told()).windows[0].until).getUTCHours()).toBe(hour)
  expect(await codes()).toEqual(['WINDOW_CLOSED'])
  await set({ cluster: 'edge' }, 100_000, 'bandwidth_outside_window')
  expect(await told()).toMatchObject({
    windows: [{ ...window, bytesPerSecond: 100_000 }],
    limit: { bytesPerSecond: 100_000 },
  })
  expect(await codes()).toEqual(['BANDWIDTH_LIMIT'])
  await set({ cluster: 'edge' }, 'always')
  expect(await told()).toEqual({ windows: [], limit: { bytesPerSecond: null } })
})

test('waiting for copies answers what is known when the time is over, and refuses what cannot be', async () => {
  await start()
  const wait = (input: object) =>
    web.ask(
      'query AwaitReplicated($input: AwaitReplicatedInput!) { awaitReplicated(input: $input) { done replicas { storageDeployment { name } done } } }',
      { input },
    )
  expect((await wait({ bucket: 'photos', timeoutSeconds: 0 })).data.awaitReplicated).toEqual({
    done: false,
    replicas: [{ storageDeployment: { name: 'edge' }, done: false }],
  })
  await web.pool.query('DELETE FROM dirty_object')
  await web.pool.query(`UPDATE replica SET observed = 'complete', verified_at = now() + interval '1 min'`)
  expect((await wait({ bucket: 'photos', timeoutSeconds: 10 })).data.awaitReplicated.done).toBe(true)
  expect((await wait({ bucket: 'photos', replicas: 2, timeoutSeconds: 0 })).data.awaitReplicated.done).toBe(false)
  for (const bad of [{ replicas: 0 }, { timeoutSeconds: 241 }, { key: '' }])
    expect((await wait({ bucket: 'photos', timeoutSeconds: 1, ...bad })).errors?.[0]?.extensions.code).toBe(
      'VALIDATION_FAILED',
    )
  expect((await wait({ bucket: 'nobody' })).errors?.[0]?.extensions.code).toBe('NOT_FOUND')
})
