// Objects as they are looked at, got and deleted; who may do what.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bucketApi } from '../../support/bucket-api.ts'
import { startMinio } from '../../support/minio.ts'
import { driverOf } from '../../support/minio-driver.ts'
import { objectApi, send } from '../../support/object-api.ts'
import { registerStore } from '../../support/register.ts'
import type { StoreProcess } from '../../support/store-process.ts'
import { fleet } from '../../support/world/fleet.ts'

const api = bucketApi()
const objects = objectApi(api)
let edge: StoreProcess
beforeAll(async () => {
  edge = await startMinio()
  await registerStore(api.web, 'far', edge, ['far'])
})
afterAll(() => edge?.stop())

async function put(key: string, body = 'hello'): Promise<string> {
  const { upload } = await objects.begin(key, body.length)
  expect((await send(upload, body)).status, key).toBe(200)
  return (await objects.complete(upload.id)).object.etag
}

const token = async (role: string, zones: string[] = []): Promise<string> =>
  (await api.web.mutate('tokenCreate', { name: `${role}-${Math.random()}`, role, zones }, 'secret')).secret

test('hostile keys go their whole way: sent, listed, looked at, got and deleted', async () => {
  await api.create()
  const keys = [
    '00123',
    'a b+c%20d',
    '%2F%252e%2e',
    `quote"'<>&;`,
    'ü/é/\u{1f600}',
    'e\u0301',
    '.hidden/..double/...',
    'ends with space ',
    '?query=1#fragment',
    'tab\tand\nnewline\r',
    '\u007f\u0001',
    `${'long/'.repeat(204)}ends`, // 1 024 bytes
    '\u{10ffff}',
    'folder/',
    '__proto__',
  ]
  for (const key of keys) await put(key, key.slice(0, 50).replace(/[^\x20-\x7e]/g, '?'))
  const { data } = await api.web.ask('query ($n: String!) { bucket(name: $n) { objects { nodes { key } } } }', {
    n: api.bucket,
  })
  const listed = data.bucket.objects.nodes.map((node: { key: string }) => node.key)
  expect(listed).toEqual([...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
  for (const key of keys) {
    const got = await fetch((await objects.download(key)).url)
    expect([got.status, await got.text()], key).toEqual([200, key.slice(0, 50).replace(/[^\x20-\x7e]/g, '?')])
    expect(got.headers.get('content-disposition')).toMatch(/^attachment; filename="/)
    expect((await objects.details(key)).key).toBe(key)
  }
  expect(await objects.deleteAll(keys)).toEqual({ __typename: 'ObjectDeletePayload', deleted: keys, failed: [] })
  expect(await objects.listed()).toEqual([])
  for (const key of keys) expect(await api.driver.head(api.bucket, key), key).toBeNull()
})

test('folders are pages of the keys, however much is in them', async () => {
  await api.create()
  const { rows } = await api.web.pool.query<{ id: string }>('SELECT id FROM bucket WHERE name = $1', [api.bucket])
  await api.web.pool.query(
    `INSERT INTO object_record (bucket_id, key, size, etag)
     SELECT $1::uuid, key, 1, 'e' FROM unnest($2::text[]) key
     UNION ALL SELECT $1::uuid, 'many/' || n, 1, 'e' FROM generate_series(1, 3000) n`,
    [
      rows[0]?.id,
      ['a', 'a/', 'a/b', 'a/c/d', 'a/c/e', 'a0', 'many', 'many!', 'z/\u{1f600}/x', '/', '//', 'ü/ü', '100%/x'],
    ],
  )
  const names = async (prefix: string, first = 100) => {
    const found: string[] = []
    for (let after: string | null = null; ; ) {
      const { nodes, pageInfo } = await objects.folder(prefix, first, after)
      found.push(...nodes.map((node: { name: string; object: unknown }) => node.name + (node.object ? '' : ' >')))
      if (!pageInfo.hasNextPage) return found
      after = pageInfo.endCursor
    }
  }
  const root = ['/ >', '100%/ >', 'a', 'a/ >', 'a0', 'many', 'many! '.trim(), 'many/ >', 'z/ >', 'ü/ >']
  expect(await names('')).toEqual(root)
  for (const first of [1, 2, 3]) expect(await names('', first)).toEqual(root)
  expect(await names('a/')).toEqual(['a/', 'b', 'c/ >'])
  expect(await names('a/', 1)).toEqual(['a/', 'b', 'c/ >'])
  expect(await names('a/c/')).toEqual(['d', 'e'])
  expect(await names('man')).toEqual(['many', 'many!', 'many/ >']) // any text is a filter
  expect(await names('/')).toEqual(['/', '/ >'])
  expect(await names('z/\u{1f600}/')).toEqual(['x'])
  expect(await names('%')).toEqual([])
  expect(await names('many/')).toHaveLength(3000)
  const { rows: plan } = await api.web.pool.query<{ 'QUERY PLAN': string }>(
    `EXPLAIN SELECT key FROM object_record WHERE bucket_id = '${rows[0]?.id}' AND key ^@ 'a/' AND key >= 'a/' ORDER BY key LIMIT 1`,
  )
  expect(plan.map((line) => line['QUERY PLAN']).join('\n')).toMatch(/Index Cond: .*key >= 'a\/'.*key < 'a0'/)
})

test('an object is got from a store that holds it in sync, and from no other', async () => {
  await api.create()
  await put('a', 'first')
  const { rows } = await api.web.pool.query<{ id: string; far: string; hpc: string }>(
    `SELECT b.id, (SELECT id FROM storage_deployment WHERE name = 'far') AS far, b.master_storage_id AS hpc
     FROM bucket b WHERE b.name = $1`,
    [api.bucket],
  )
  const { id = '', far = '', hpc = '' } = rows[0] ?? {}
  const bucket = fleet(api.web.pool).bucketOf(id, api.bucket, { id: hpc })
  expect(await objects.download('a', 'far')).toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('holds no copy'),
  })
  const replica = await bucket.replica({ id: far })
  await api.web.pool.query('DELETE FROM dirty_object')
  expect(await objects.download('a', 'far')).toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('in sync'),
  })

  const copy = driverOf(edge.endpoint)
  await copy.createBucket(api.bucket)
  const { etag } = await copy.put(api.bucket, 'a', { body: Buffer.from('first'), size: 5 })
  await api.web.pool.query(
    `INSERT INTO replica_object (replica_id, key, state, epoch, source_etag, target_etag) VALUES ($1, 'a', 'there', 1, $2, $2)`,
    [replica.id, etag],
  )
  const there = await objects.download('a', 'far')
  expect(there.storageDeployment.name).toBe('far')
  expect(there.url).toContain(edge.endpoint)
  expect(await (await fetch(there.url)).text()).toBe('first')
  const waits = (since: string) =>
    api.web.pool.query(
      `INSERT INTO dirty_object (bucket_id, storage_id, key, since) VALUES ($1, $2, 'a', now() + $3::interval)`,
      [id, far, since],
    )
  await waits('-1 s') // there is news of it
  expect(await objects.download('a', 'far')).toMatchObject({ code: 'NOT_FOUND' })
  await api.web.pool.query('DELETE FROM dirty_object')
  await waits('1 h') // it is to be looked at once more, as a precaution
  expect((await objects.download('a', 'far')).storageDeployment.name).toBe('far')
  await api.web.pool.query('DELETE FROM dirty_object')
  // One that is withdrawn lies where data may not lie any more, or goes.
  await api.web.pool.query('UPDATE replica SET wanted = false WHERE id = $1', [replica.id])
  expect(await objects.download('a', 'far')).toMatchObject({ code: 'NOT_FOUND' })
  expect((await objects.details('a')).copies).toHaveLength(1)
  await api.web.pool.query('UPDATE replica SET wanted = true WHERE id = $1', [replica.id])
  expect((await objects.download('a')).storageDeployment.name).toBe('hpc') // which has what FaDO does not know yet
  expect((await objects.details('a')).copies).toEqual([
    { storageDeployment: { name: 'hpc' }, isMaster: true, inSync: true },
    { storageDeployment: { name: 'far' }, isMaster: false, inSync: true },
  ])
  await api.web.pool.query(`UPDATE storage_deployment SET public_endpoint = endpoint WHERE name = 'far'`)
  expect((await objects.download('a')).storageDeployment.name).toBe('far') // which browsers reach for sure
  await api.web.pool.query(`UPDATE storage_deployment SET public_endpoint = NULL`)
  // A master that is stopped, or away, gives nothing; what the copies have goes on to be had.
  await api.web.pool.query(`UPDATE bucket SET master_stopped = 'missing' WHERE id = $1`, [id])
  expect((await objects.download('a')).storageDeployment.name).toBe('far')
  await api.web.pool.query(`UPDATE bucket SET master_stopped = NULL WHERE id = $1`, [id])
  await api.web.pool.query(`UPDATE storage_deployment SET endpoint = 'http://127.0.0.1:1' WHERE name = 'hpc'`)
  expect((await objects.download('a')).storageDeployment.name).toBe('far')
  await api.web.pool.query(`UPDATE storage_deployment SET endpoint = $1 WHERE name = 'hpc'`, [api.minio.endpoint])

  const createdOn = await api.driver.bucketCreatedAt(api.bucket)
  await api.web.pool.query('UPDATE bucket SET master_created_on = to_timestamp($2::float8 / 1000) WHERE id = $1', [
    id,
    createdOn,
  ])
  await put('a', 'second') // its key is dirty from now on
  expect(await objects.download('a', 'far')).toMatchObject({ code: 'NOT_FOUND' })
  expect((await objects.details('a')).copies[1]).toMatchObject({ inSync: false })
  await api.web.pool.query('DELETE FROM dirty_object')
  expect(await objects.download('a', 'far')).toMatchObject({ code: 'NOT_FOUND' }) // it has the older version
  // Foreign hands at a copy are seen, too: here is another object, then none.
  await api.web.pool.query(
    'UPDATE replica_object SET source_etag = r.etag FROM object_record r WHERE r.bucket_id = $1',
    [id],
  )
  await copy.put(api.bucket, 'a', { body: Buffer.from('theirs'), size: 6 })
  expect(await objects.download('a', 'far')).toMatchObject({ code: 'NOT_FOUND' })
  await copy.delete(api.bucket, 'a')
  expect(await objects.download('a', 'far')).toMatchObject({ code: 'NOT_FOUND' })
  await copy.close()
})

test('what is not there is NOT_FOUND, and a store that does not answer is UNREACHABLE', async () => {
  await api.create()
  expect(await objects.download('nothing')).toMatchObject({ code: 'NOT_FOUND' })
  expect(await objects.download('a/../b')).toMatchObject({ code: 'NOT_FOUND' })
  expect(await objects.details('nothing')).toBeNull()
  await put('a')
  expect(await objects.download('a', 'nowhere')).toMatchObject({ code: 'NOT_FOUND' })
  await api.web.pool.query(`UPDATE storage_deployment SET endpoint = 'http://127.0.0.1:1' WHERE name = 'hpc'`)
  expect(await objects.download('a')).toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('hpc') })
  expect(await objects.deleteAll(['a'])).toMatchObject({ code: 'UNREACHABLE' })
  await api.web.pool.query(`UPDATE storage_deployment SET endpoint = $1 WHERE name = 'hpc'`, [api.minio.endpoint])
  api.bucket = 'never-was'
  expect(await objects.download('a')).toMatchObject({ code: 'NOT_FOUND', message: 'There is no bucket never-was' })
  expect(await objects.deleteAll(['a'])).toMatchObject({ code: 'NOT_FOUND' })
})

test('objects are deleted at the master, and their copies are told as by an event; failures are told by key', async () => {
  await api.create()
  for (const key of ['a', 'b', 'stays']) await put(key)
  await api.web.pool.query('DELETE FROM dirty_object')
  const answer = await objects.deleteAll(['a', 'b', 'b', 'not/there', 'x/../y'])
  expect(answer.deleted).toEqual(['a', 'b', 'not/there'])
  expect(answer.failed).toEqual([{ key: 'x/../y', message: expect.stringContaining('No store can be asked') }])
  expect(await objects.listed()).toEqual(['stays 5'])
  expect((await objects.marked()).map(({ key }) => key)).toEqual(['a', 'b', 'not/there'])
  expect(await objects.deleteAll([])).toMatchObject({ code: 'VALIDATION_FAILED' })
  const many = Array.from({ length: 1001 }, (_, i) => `k${i}`)
  expect(await objects.deleteAll(many)).toMatchObject({ code: 'LIMIT_EXCEEDED' })
  expect((await objects.deleteAll(many.slice(1))).deleted).toHaveLength(1000)
  const { rows } = await api.web.pool.query(
    `SELECT actor, detail->'objects' AS objects FROM audit_event WHERE action = 'objectDelete' AND subject = $1 ORDER BY at`,
    [api.bucket],
  )
  expect(rows).toEqual([
    { actor: 'admin', objects: 3 },
    { actor: 'admin', objects: 1000 },
  ])
})

test('a VIEWER lists and gets, an OPERATOR sends and deletes within its zones, and nobody goes on with what it may not begin', async () => {
  await api.create()
  await put('a')
  const [viewer, own, foreign] = [
    await token('VIEWER'),
    await token('OPERATOR', ['germany']),
    await token('OPERATOR', ['far']),
  ]
  expect((await objects.download('a', null, viewer)).url).toContain('/a?')
  const { upload } = await objects.begin('b', 5, {}, own)
  expect(upload.url).toContain('/b?')
  for (const secret of [viewer, foreign])
    for (const refused of [
      objects.begin('b', 5, {}, secret),
      objects.complete(upload.id, {}, secret),
      objects.parts(upload.id, [1], secret),
      objects.abort(upload.id, secret),
      objects.deleteAll(['a'], secret),
    ])
      expect(await refused).toMatchObject({ code: 'FORBIDDEN' })
  expect(await objects.deleteAll(['a'], own)).toMatchObject({ deleted: ['a'] })
  expect((await objects.abort(upload.id, own)).abortedId).toBe(upload.id)
})

test('no address and no key of a store is logged', async () => {
  await api.create()
  await put('secret-log-key')
  const { url } = await objects.download('secret-log-key')
  const signature = new URL(url).searchParams.get('X-Amz-Signature') ?? 'none'
  expect(signature).toMatch(/^[0-9a-f]{64}$/)
  expect(api.web.log()).not.toContain('X-Amz-Signature')
  expect(api.web.log()).not.toContain(api.minio.secretKey)
})
