import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { v7 } from 'uuid'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { type LocalCommands, runProgram } from '../../../server/cli/program.ts'
import { parseConfig } from '../../../server/config.ts'
import { addArrivals } from '../../../server/db/copies/conformance.ts'
import { writeFunctionHealth, writeStoreHealth } from '../../../server/db/deciding/health.ts'
import { recordRun } from '../../../server/db/queue/replication-runs.ts'
import { addArrival } from '../../../server/domain/replica/conformance.ts'
import { type EndedRun, endedRun, noFigures } from '../../../server/domain/replica/run.ts'
import { createAuthority } from '../../support/certificates.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { startTestWeb } from '../../support/web.ts'
import { fleet, fromNow } from '../../support/world/fleet.ts'

const none = async () => 1
const local: LocalCommands = { serve: none, demo: none, doctor: none, functionServer: none, envoyBootstrap: none }

let web: Awaited<ReturnType<typeof startTestWeb>>
let rows: ReturnType<typeof fleet>
beforeEach(async () => {
  web = await startTestWeb()
  onTestFinished(() => web.stop())
  rows = fleet(web.pool)
})

async function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; text: string }> {
  const printed: string[] = []
  const print = (text: string) => printed.push(text)
  const config = parseConfig({ FADO_URL: web.url, FADO_TOKEN: web.admin, ...env })
  const readerGone = new AbortController().signal
  const code = await runProgram([...args], { config, version: '1', local, print, printError: print, readerGone })
  return { code, text: printed.join('\n') }
}
async function fado(...args: string[]): Promise<string> {
  const { code, text } = await run(args)
  expect(code, text).toBe(0)
  return text
}
async function refusal(code: number, ...args: string[]): Promise<string> {
  const ended = await run(args)
  expect(ended.code, ended.text).toBe(code)
  return ended.text
}

/** The cell of a table whose line begins with `row`, by its title. */
async function cell(what: string, row: string, title: string): Promise<string> {
  const [titles = '', ...lines] = (await fado('get', what)).split('\n')
  const line = lines.find((one) => one.startsWith(row)) ?? ''
  const next = titles.slice(titles.indexOf(title)).search(/(?<= {2})\S/)
  return line.slice(titles.indexOf(title), next < 0 ? undefined : titles.indexOf(title) + next).trim()
}

test('fado get buckets says of a bucket that it is being deleted, and sizes as the console says them', async () => {
  const hpc = await rows.cluster('hpc')
  await hpc.store.bucket('stays')
  await hpc.store.bucket('goes')
  await web.pool.query(`UPDATE bucket SET placement_condition = 'PLACED', objects = 3, bytes = 9437184`)
  await web.pool.query(`UPDATE bucket SET state = 'deleting' WHERE name = 'goes'`)
  const lines = (await fado('get', 'buckets')).split('\n')
  expect(lines.find((line) => line.startsWith('goes'))).toMatch(/9\.4 MB +DELETING/)
  expect(lines.find((line) => line.startsWith('stays'))).toMatch(/9\.4 MB +PLACED/)
})

test('fado --help names all that can be done to buckets', async () => {
  expect(await fado('--help')).toMatch(/bucket\s+create, adopt, compare, resolve,\s+release\s+and\s+remove\s+buckets/)
})

test('fado get stores names what is weaker, and says it in sentences of one store', async () => {
  const hpc = await rows.cluster('hpc')
  await rows.cluster('edge')
  await web.pool.query(
    `UPDATE storage_deployment SET capabilities = array_remove(array_remove(capabilities, 'tags'), 'md5-etags'), skip_tls_verify = true
     WHERE id = $1`,
    [hpc.store.id],
  )
  expect(await cell('stores', 'hpc', 'HINTS')).toMatch(/^CERTIFICATE_UNCHECKED, CAPABILITY_MISSING/)
  const [, line = '', empty, ...sentences] = (await fado('get', 'stores', 'hpc')).split('\n')
  expect([line.startsWith('hpc'), empty]).toEqual([true, ''])
  expect(sentences).toContain('- It keeps no tags: objects that have some are copied without them, and named')
  expect(JSON.parse(await fado('get', 'stores', 'hpc', '-o', 'json'))).toMatchObject([{ name: 'hpc' }])
  expect(await refusal(3, 'get', 'stores', 'nowhere')).toContain('There is no store nowhere')
})

test('function deployments are added, shown and changed as they are called, and their secrets shown by nothing', async () => {
  await fado('cluster', 'add', 'cloud')
  const url = 'https://app.example.org'
  const added = ['function', 'add', '--cluster', 'cloud', '--kind', 'AZURE_FUNCTIONS', '--url', url]
  const environment = { FADO_FUNCTION_SECRET: 'the-azure-key' }
  const shown: string[] = []
  const keep = (text: string) => {
    shown.push(text)
    return text
  }
  keep((await run([...added, '--key-header', 'x-functions-key', '--skip-tls-verify'], environment)).text)
  expect(shown[0]).toMatch(/^Added functions at https:.* to cloud[.]\n {2}Its certificate is not checked/)
  expect(await cell('functions', 'cloud', 'CALLS')).toBe('/api/{name}{rest}')
  expect(await cell('functions', 'cloud', 'AUTH')).toBe('KEY x-functions-key')
  expect(await cell('functions', 'cloud', 'FUNCTIONS')).toBe('any')
  expect(await cell('functions', 'cloud', 'HINTS')).toBe('CERTIFICATE_UNCHECKED')
  expect(keep(await fado('get', 'functions', 'cloud'))).toContain(`\n\n- ${url}: Its certificate is not checked`)
  expect(await refusal(3, 'get', 'functions', 'nowhere')).toContain('There is no cluster nowhere')
  expect(await cell('clusters', 'cloud', 'FUNCTIONS')).toContain('certificate not checked')

  const id = await cell('functions', 'cloud', 'ID')
  keep(await fado('function', 'update', id, '--functions', 'resize,blur', '--no-skip-tls-verify'))
  expect(await cell('functions', 'cloud', 'FUNCTIONS')).toBe('blur and resize')
  expect(await cell('functions', 'cloud', 'HINTS')).toBe('-')
  const { ca } = await createAuthority()
  const caFile = path.join(await tempDir(), 'ca.pem')
  await writeFile(caFile, ca)
  await fado('function', 'update', id, '--skip-tls-verify')
  await fado('function', 'update', id, '--ca-file', caFile)
  expect(await cell('functions', 'cloud', 'HINTS')).toBe('CERTIFICATE_UNCHECKED')
  await fado('function', 'update', id, '--no-tls')
  expect(await cell('functions', 'cloud', 'HINTS')).toBe('-')
  const moved = await refusal(3, 'function', 'update', id, '--url', 'https://elsewhere.example.org')
  expect(keep(moved)).toMatch(/Give the secret again.*[(]VALIDATION_FAILED[)]/)
  keep(await fado('function', 'update', id, '--any-function', '--no-auth', '--path-template', '/f/{name}'))
  expect([await cell('functions', 'cloud', 'AUTH'), await cell('functions', 'cloud', 'CALLS')]).toEqual([
    '-',
    '/f/{name}',
  ])
  keep(await fado('get', 'functions', '-o', 'json'))
  expect(shown.join('\n')).not.toContain('the-azure-key')
})

test('fado get replicas says how far behind a copy is while the brake holds deletes, and as of when it is', async () => {
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const bucket = await hpc.store.bucket('brake')
  await bucket.replica(edge.store)
  expect(await cell('replicas', 'brake', 'BEHIND')).toBe('-')
  expect(await cell('replicas', 'brake', 'AS OF')).toBe('now')

  await web.pool.query(`UPDATE replica SET braked = 140, braked_since = now() - interval '133 s'`)
  expect(await cell('replicas', 'brake', 'BEHIND')).toMatch(/^13[3-9] s$/)
  expect(await cell('replicas', 'brake', 'AS OF')).toMatch(/^13[3-9] s ago$/)
  expect(await cell('replicas', 'brake', 'CAUSE')).toContain('holds 140 deletes')

  await web.pool.query(`UPDATE bucket SET master_stopped = 'missing', master_stopped_since = '2026-11-28T08:00:00Z'`)
  expect(await cell('replicas', 'brake', 'AS OF')).toBe('2026-11-28T08:00:00.000Z')
})

test('a master that went backwards is shown with what it lost, and resolved by one of two choices', async () => {
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const bucket = await hpc.store.bucket('photos')
  await bucket.replica(edge.store, { observed: 'complete' })
  expect(await cell('buckets', 'photos', 'REGRESSED')).toBe('-')
  const found = { bucket: 'there', missing: 2, older: 3, samples: [{ key: 'a', seen: 0, now: null }] }
  await web.pool.query(
    `UPDATE bucket SET master_stopped = 'regressed', master_stopped_since = now(), master_regress = $1::jsonb`,
    [JSON.stringify(found)],
  )
  expect(await cell('buckets', 'photos', 'REGRESSED')).toBe('2 gone, 3 older: npx fado bucket resolve')
  expect(await fado('bucket', 'resolve', 'photos', '--rebuild', '--from', 'edge')).toMatch(
    /made again from the replica on edge: 2 objects come back, 3 become the newer ones/,
  )
  expect(await cell('buckets', 'photos', 'REGRESSED')).toBe('2 gone, 3 older: rebuilding')
  expect(await fado('bucket', 'resolve', 'photos', '--accept')).toMatch(
    /2 objects are deleted on its replicas, 3 become/,
  )
})

test('fado get routes says what each PENDING route waits for, also when no proxy holds it up', async () => {
  const hpc = await rows.cluster('hpc')
  const bucket = await hpc.store.bucket('photos')
  await bucket.route(1, ['hpc'])
  const waits = () => cell('routes', 'photos', 'WAITS FOR')
  expect(await waits()).toBe('a proxy: none is connected')

  await rows.proxy('envoy-1', { stream: { ackedThrough: 1 } })
  expect(await waits()).toBe('-')
  await bucket.dirty({ intent: true })
  expect(await waits()).toBe('its decision')
  await web.pool.query('DELETE FROM dirty_bucket')
  // It agreed to the route before its stream ended, as a frozen one does.
  await web.pool.query(
    `UPDATE proxy_stream SET closed_at = '2026-11-28T08:00:00Z', heartbeat_at = now(), lease_until = now() + interval '1 h'`,
  )
  expect(await waits()).toBe('a proxy: none is connected; envoy-1 is gone since 2026-11-28T08:00:00.000Z')
  await bucket.route(2, ['hpc'])
  expect(await waits()).toContain('Waits for the proxy envoy-1, gone since')
})

test('fado bucket resync orders a comparison, and says what it may do and what held the copy up', async () => {
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const bucket = await hpc.store.bucket('brake')
  const copy = await bucket.replica(edge.store)
  await copy.task('sweep', { notBefore: fromNow(600) })
  await web.pool.query(`UPDATE replica SET braked = 140, braked_since = now()`)
  const ordered = async () => {
    const { rows: tasks } = await web.pool.query(
      `SELECT not_before <= now() AS due, allow_deletes > 0 AS deletes, overwrite > 0 AS overwrite,
         "full" > 0 AS "full" FROM replica_task`,
    )
    return tasks[0]
  }
  expect(await fado('bucket', 'resync', 'brake', '--store', 'edge')).toBe(
    'A resync of brake on edge begins. npx fado get replicas shows how it goes.\n' +
      'Until now it was held up: The delete brake holds 140 deletes on edge until a resync allows deletes.',
  )
  expect(await ordered()).toEqual({ due: true, deletes: false, overwrite: false, full: true })
  expect(await fado('bucket', 'resync', 'brake', '--store', 'edge', '--allow-deletes', '--overwrite')).toContain(
    "begins; it deletes what the master has no more, however much that is, and replaces objects in the way by the master's.",
  )
  expect(await ordered()).toEqual({ due: true, deletes: true, overwrite: true, full: true })
})

test('fado policy set says of zones that leave a master outside that its data stays', async () => {
  const cloud = await rows.cluster('cloud', { zones: ['eu'] })
  const hpc = await rows.cluster('hpc', { zones: ['germany'] })
  await cloud.store.bucket('handbook')
  await cloud.store.bucket('handbook-2')
  await hpc.store.bucket('photos')
  const set = (...args: string[]) => fado('policy', 'set', ...args)
  expect(await set('zones=eu', '--bucket', 'handbook')).toBe('zones is eu for bucket handbook.')
  expect(await set('zones=germany', '--bucket', 'photos')).toBe('zones is germany for bucket photos.')
  expect(await set('zones=germany', '--bucket', 'handbook')).toBe(
    'zones is germany for bucket handbook.\nThe master of handbook on cloud now lies where the data may not be. ' +
      'It gets no calls, and the data stays until you allow a zone of it again or make the bucket elsewhere.',
  )
  expect(await set('zones=germany', '--global')).toContain(
    'The masters of handbook on cloud and handbook-2 on cloud now lie where the data may not be. They get no calls',
  )
  expect(await fado('policy', 'unset', 'zones', '--bucket', 'handbook')).toContain('The master of handbook on cloud')
  expect(await set('zones=all', '--global')).toBe('zones is all for all.')
})

test('fado pause, resume, get links, get waiting and wait tell what holds a copy up', async () => {
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const bucket = await hpc.store.bucket('photos')
  const replica = await bucket.replica(edge.store)
  await replica.waits('k')
  expect(await fado('pause', '--link', 'hpc', 'edge')).toBe(
    'Paused the link hpc -> edge: within 2 s nothing of it is copied any more.',
  )
  expect(await cell('links', 'hpc', 'PAUSED')).toBe('yes')
  expect(await cell('waiting', 'photos', 'WAITS FOR')).toBe('The link hpc -> edge is paused until somebody resumes it')
  expect(await fado('resume', '--link', 'hpc', 'edge')).toBe('Resumed the link hpc -> edge.')
  expect(await cell('links', 'hpc', 'PAUSED')).toBe('no')
  expect(await cell('replicas', 'photos', 'COPIED FROM')).toBe('hpc (MASTER_ONLY)')
  await web.pool.query(`UPDATE replica SET source_storage_id = $1, source_why = 'FASTER_LINK'`, [hpc.store.id])
  expect(await cell('links', 'hpc', 'CHOSEN FOR')).toBe('FASTER_LINK')
  await web.pool.query(
    `INSERT INTO link_flow (owner, from_storage_id, to_storage_id, moving, concurrency, in_use, most, lowered_by, lowered_storage_id, lowered_at)
     VALUES (gen_random_uuid(), $1, $2, 3, 20, 3, 128, 'slow-down', $2, now())`,
    [hpc.store.id, edge.store.id],
  )
  expect(await cell('links', 'hpc', 'AT ONCE')).toBe('3/20')
  expect(await cell('links', 'hpc', 'LOWERED BY')).toBe('edge asked to be spared')
  await web.pool.query('DELETE FROM dirty_object')
  expect(await fado('wait', 'photos', '--timeout', '10')).toBe('photos is on edge.')
})

test('fado wait does not take a key that nobody has for one that arrived, unless its delete is waited for', async () => {
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const bucket = await hpc.store.bucket('photos')
  await bucket.replica(edge.store)
  // In a mover's place: whatever is to be looked at was looked at.
  const looked = setInterval(() => void web.pool.query('DELETE FROM dirty_object').catch(() => undefined), 20)
  onTestFinished(() => clearInterval(looked))
  expect(await refusal(1, 'wait', 'photos', 'nokey')).toContain('Neither the master of photos nor a replica has nokey')
  expect(await fado('wait', 'photos', 'nokey', '--deleted')).toBe('nokey of photos is deleted, on edge too.')
  await web.pool.query(
    `INSERT INTO object_record (bucket_id, key, size, etag, last_modified) VALUES ($1, 'k', 1, 'e', now())`,
    [bucket.id],
  )
  await web.pool.query(
    `INSERT INTO replica_object (replica_id, key, state, epoch) SELECT id, 'k', 'foreign', 1 FROM replica`,
  )
  expect(await fado('wait', 'photos', 'k')).toBe('k of photos is on edge.')
  expect(await refusal(1, 'wait', 'photos', 'k', '--deleted')).toContain('k of photos is not deleted')
  expect(await refusal(2, 'wait', 'photos', '--deleted')).toContain('KEY')
})

test('fado get runs and get conformance tell how copying went, of all or of one bucket', async () => {
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const bucket = await hpc.store.bucket('photos')
  await hpc.store.bucket('films')
  await bucket.replica(edge.store)
  const at = { bucketId: bucket.id, storageId: edge.store.id }
  const store = { kind: 'store', store: 'edge', problem: 'unreachable' } as const
  const amount = { objects: 0, bytes: 0 }
  for (const run of [
    endedRun('sweep', { outcome: 'postponed', cause: store }, noFigures),
    endedRun('sweep', { outcome: 'done', cause: null }, { ...noFigures, found: amount }),
  ])
    await recordRun(web.pool, { ...at, runId: v7(), beganAt: Date.now() - 65_000 }, run as EndedRun)
  await addArrivals(web.pool, at, addArrival(null, { seconds: 41.2, key: 'slow', cause: store }))

  expect(await cell('runs', 'photos', 'OUTCOME')).toBe('postponed')
  expect(await cell('runs', 'photos', 'TOOK')).toBe('65 s')
  expect(await cell('runs', 'photos', 'WHY')).toBe('edge cannot be reached')
  expect((await fado('get', 'runs')).split('\n').length).toBe(2)
  expect((await fado('get', 'runs', 'photos')).split('\n').length).toBe(3)
  expect((await fado('get', 'runs', 'films')).split('\n').length).toBe(1)

  expect(await cell('conformance', 'photos', 'ON TIME')).toBe('0 % within 15 s')
  expect(await cell('conformance', 'photos', 'SLOWEST')).toBe('41.2 s')
  expect(await cell('conformance', 'photos', 'LATE FOR')).toBe('edge cannot be reached')
  expect(await fado('get', 'conformance', 'photos')).toContain('slow')
  expect((await fado('get', 'conformance', 'films')).split('\n').length).toBe(1)
})

test('fado get sweeps tells how often copies are compared, why, and what that costs, of all or of one bucket', async () => {
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const bucket = await hpc.store.bucket('photos')
  await hpc.store.bucket('films')
  await bucket.task('master_sweep', { quietLooks: 3, notBefore: fromNow(-1) })
  await (await bucket.replica(edge.store)).task('sweep', { quietLooks: 30 })
  expect(await cell('sweeps', 'photos  hpc', 'EVERY')).toBe('480 s')
  expect(await cell('sweeps', 'photos  hpc', 'FOUND RIGHT')).toBe('3 times')
  expect(await cell('sweeps', 'photos  hpc', 'BECAUSE')).toContain('(SWEEP_LEARNING)')
  expect(await cell('sweeps', 'photos  edge', 'COPY')).toBe('replica')
  expect(await cell('sweeps', 'photos  edge', 'EVERY')).toBe('6 h 30 min')
  expect((await fado('get', 'sweeps', 'films')).split('\n').length).toBe(1)
})

test('fado get health tells how stores and functions came and went, of all clusters or of one', async () => {
  const [edge, hpc] = [await rows.cluster('edge', { urls: ['http://127.0.0.1:1'] }), await rows.cluster('hpc')]
  const { rows: found } = await web.pool.query<{ id: string }>('SELECT id FROM faas_deployment')
  const down = { health: 'unhealthy', anew: false, cause: 'FAILING', detail: 'It answers 503' } as const
  const back = { health: 'returning', anew: false, cause: null, detail: null } as const
  await web.pool.transaction(async (tx) => {
    await writeStoreHealth(tx, hpc.store.id, down)
    await writeStoreHealth(tx, edge.store.id, down)
    await writeFunctionHealth(tx, found[0]?.id ?? '', { ...down, addresses: [], lacksPath: false })
    await writeFunctionHealth(tx, found[0]?.id ?? '', { ...back, addresses: [], lacksPath: false })
  })
  const seen = async (...of: string[]) => (await fado('get', 'health', ...of)).split('\n').slice(1)
  expect(await seen()).toHaveLength(4)
  expect(await seen('edge')).toEqual([
    expect.stringMatching(/edge +functions http:\/\/127\.0\.0\.1:1 +DEGRADED +It was down and answers again/),
    expect.stringMatching(/edge +functions http:\/\/127\.0\.0\.1:1 +UNHEALTHY +It answers 503$/),
    expect.stringMatching(/edge +store edge +UNHEALTHY +It answers 503$/),
  ])
  expect(await refusal(3, 'get', 'health', 'nowhere')).toContain('There is no cluster nowhere')
})

test('fado get routes tells which clusters do not answer, and that a bucket whose calls nobody takes is UNROUTABLE', async () => {
  const edge = await rows.cluster('edge', { urls: ['http://127.0.0.1:1'] })
  await rows.cluster('hpc', { urls: ['http://127.0.0.1:2'] })
  await (await edge.store.bucket('photos')).route(1, ['edge'])
  await (await edge.store.bucket('films')).route(2, ['edge', 'hpc'])
  await rows.proxy('envoy', { stream: { ackedThrough: 2 } })
  await web.pool.query(`UPDATE faas_deployment SET health = 'unhealthy' WHERE url = 'http://127.0.0.1:1'`)
  expect(await cell('routes', 'photos', 'STATE')).toBe('UNROUTABLE')
  expect(await cell('routes', 'photos', 'CLUSTERS')).toBe('edge (does not answer)')
  expect(await cell('routes', 'films', 'STATE')).toBe('SERVING')
  expect(await cell('routes', 'films', 'CLUSTERS')).toBe('edge (does not answer), hpc')
})
