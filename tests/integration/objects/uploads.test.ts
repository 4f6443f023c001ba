// Objects that clients send straight to a master's store.
import { expect, test } from 'vitest'
import { endAbandonedUploads } from '../../../server/services/objects/abort-upload.ts'
import { bucketApi } from '../../support/bucket-api.ts'
import { eventually } from '../../support/eventually.ts'
import { md5, objectApi, send } from '../../support/object-api.ts'

const api = bucketApi()
const objects = objectApi(api)
const text = async (key: string) => {
  const { url } = await objects.download(key)
  return (await fetch(url)).text()
}

test('an object that was sent is known, listed and on its way to the copies when UploadComplete answers', async () => {
  await api.create()
  const { upload } = await objects.begin('a.txt', 5, {
    contentType: 'text/plain',
    metadata: [{ name: 'Camera', value: 'left one' }],
    tags: [{ key: 'project', value: 'sky + sea' }],
  })
  expect(upload).toMatchObject({ method: 'PUT', partSize: null, url: expect.stringContaining(api.minio.endpoint) })
  expect((await send(upload, 'hello')).status).toBe(200)
  const { object } = await objects.complete(upload.id)
  const etag = md5(Buffer.from('hello'))
  expect(object).toMatchObject({ key: 'a.txt', size: 5, etag, contentType: 'text/plain' })
  expect(await objects.listed()).toEqual(['a.txt 5'])
  expect(await objects.marked()).toEqual([{ key: 'a.txt', mayDelete: false }])
  expect(await objects.details('a.txt')).toMatchObject({
    contentType: 'text/plain',
    metadata: [{ name: 'camera', value: 'left one' }],
    tags: [{ key: 'project', value: 'sky + sea' }],
    copies: [{ storageDeployment: { name: 'hpc' }, isMaster: true, inSync: true }],
  })
  expect(await text('a.txt')).toBe('hello')
  expect((await objects.complete(upload.id)).object).toMatchObject({ key: 'a.txt', size: 5, etag })
})

test('what is known not to answer is not tried: whoever writes to a silent master is told at once', async () => {
  await api.create()
  const { upload } = await objects.begin('before', 5)
  const health = (value: string, cause: string | null) =>
    api.web.pool.query(`UPDATE storage_deployment SET health = $1, health_cause = $2, health_detail = 'It is silent'`, [
      value,
      cause,
    ])
  const through = () => {
    const authorization = `Bearer ${api.web.admin}`
    return fetch(`${api.web.url}/api/objects/${api.bucket}/a`, { method: 'PUT', body: 'x', headers: { authorization } })
  }
  for (const cause of ['SILENT', 'UNREACHABLE']) {
    await health('unhealthy', cause)
    const message = 'hpc, which has the master, does not answer. FaDO tries it every 2 s. What it saw: It is silent'
    for (const answer of [await objects.begin('a', 5), await objects.complete(upload.id)])
      expect(answer).toMatchObject({ code: 'UNREACHABLE', message, path: [] })
    expect([(await through()).status, await (await through()).json()]).toEqual([
      502,
      { error: { code: 'UNREACHABLE', message } },
    ])
  }
  for (const [value, cause] of [
    ['unhealthy', 'KEY_REFUSED'],
    ['healthy', 'DOUBTED'],
    ['healthy', null],
  ] as const) {
    await health(value, cause)
    expect((await objects.begin('a', 5)).upload).toMatchObject({ method: 'PUT' })
  }
})

test('the content type is signed: the store refuses another, and bytes sent to an expired address', async () => {
  await api.create()
  const { upload } = await objects.begin('a', 5)
  const forged = { ...upload, headers: [{ name: 'content-type', value: 'text/html' }] }
  expect((await send(forged, 'hello')).status).toBe(403)
  const { url } = await api.driver.presignPut(api.bucket, 'a', { expiresInSeconds: 1 })
  await eventually('the address has expired', async () => {
    const answer = await send({ method: 'PUT', url, headers: [] }, 'late!')
    return answer.status === 403
  })
  // What was sent before it expired was taken; by now it is not.
  await api.web.pool.query(`UPDATE upload SET expires_at = now() - interval '1 s'`)
  expect(await objects.complete(upload.id)).toMatchObject({ code: 'NOT_FOUND', path: ['input', 'id'] })
})

test('what a client says counts for nothing: bytes that are missing, older, fewer or others are told from its own', async () => {
  await api.create()
  await api.driver.put(api.bucket, 'a', { body: Buffer.from('older'), size: 5 })
  await eventually('it is older than the rounding of its store', async () => {
    const head = await api.driver.head(api.bucket, 'a')
    return head !== null && (head.serverDate ?? 0) - head.lastModified > 3_000
  })
  const { upload } = await objects.begin('a', 5)
  expect(await objects.complete(upload.id)).toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('is older than this upload'),
  })
  const { upload: other } = await objects.begin('nothing', 5)
  expect(await objects.complete(other.id)).toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('is not at the master'),
  })

  expect((await send(upload, 'shorter'.slice(0, 3))).status).toBe(200)
  expect(await objects.complete(upload.id)).toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('has 3 bytes at the master, and UploadBegin was told 5'),
  })
  expect(await objects.marked()).toEqual([{ key: 'a', mayDelete: false }]) // what is there is true, whoever wrote it
  const sent = await send(upload, 'right')
  await api.driver.put(api.bucket, 'a', { body: Buffer.from('wrong'), size: 5 })
  const mine = { etag: sent.headers.get('etag') }
  expect(await objects.complete(upload.id, mine)).toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('was written by somebody else meanwhile'),
  })
  await send(upload, 'right')
  expect((await objects.complete(upload.id, mine)).object).toMatchObject({ size: 5 })
})

const mebi = 1024 * 1024
const idOf = (globalId: string) => Buffer.from(globalId, 'base64').toString().split(':')[1]

test('70 MB go in parts; one that is missing or wrong is named, a cut upload goes on, and the store puts them together', async () => {
  await api.create()
  const bytes = Buffer.alloc(70 * mebi, 'fado ')
  const { upload } = await objects.begin('big.bin', bytes.length, { idempotencyKey: 'big' })
  expect(upload).toMatchObject({ method: null, url: null, partSize: 16 * mebi, parts: [] })
  const part = (n: number) => bytes.subarray((n - 1) * 16 * mebi, n * 16 * mebi)
  const sendPart = async (id: string, n: number): Promise<{ number: number; etag: string }> => {
    const [address] = (await objects.parts(id, [n])).parts
    const answer = await send(address, part(n))
    expect(answer.status).toBe(200)
    return { number: n, etag: answer.headers.get('etag') ?? '' }
  }
  for (const numbers of [[0], [6], [1, 2, 99], []])
    expect(await objects.parts(upload.id, numbers)).toMatchObject({ code: 'VALIDATION_FAILED' })
  const first = [await sendPart(upload.id, 1), await sendPart(upload.id, 3)]

  // The client was cut off: who comes back with the same key finds what is there.
  const { upload: again } = await objects.begin('big.bin', bytes.length, { idempotencyKey: 'big' })
  expect(again.id).toBe(upload.id)
  expect(again.parts).toEqual([1, 3].map((number) => ({ number, size: 16 * mebi, etag: md5(part(number)) })))
  expect(await objects.begin('big.bin', 5, { idempotencyKey: 'big' })).toMatchObject({
    code: 'CONFLICT',
    path: ['input', 'idempotencyKey'],
  })
  const rest = [await sendPart(upload.id, 2), await sendPart(upload.id, 5)]
  const some = [...first, ...rest]
  expect(await objects.complete(upload.id, { parts: some })).toMatchObject({
    code: 'VALIDATION_FAILED',
    message: 'The part 4 of 5 is missing',
  })
  const four = await sendPart(upload.id, 4)
  const wrong = { number: 4, etag: md5(Buffer.from('other')) }
  expect(await objects.complete(upload.id, { parts: [...some, wrong] })).toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('not at the store with the ETag'),
  })
  expect(await objects.listed()).toEqual([])
  const { object } = await objects.complete(upload.id, { parts: [...some, four] })
  const digests = Buffer.concat([1, 2, 3, 4, 5].map((n) => Buffer.from(md5(part(n)), 'hex')))
  expect(object).toMatchObject({ size: bytes.length, etag: `${md5(digests)}-5` })
  expect(await objects.listed()).toEqual([`big.bin ${bytes.length}`])

  // The answer was lost, and nobody but the store knows that it was done.
  await api.web.pool.query(`UPDATE upload SET state = 'open', etag = NULL WHERE id = $1`, [idOf(upload.id)])
  expect((await objects.complete(upload.id, { parts: [...some, four] })).object).toMatchObject({ etag: object.etag })
})

test('an upload of which its store knows nothing any more begins anew under its key', async () => {
  await api.create()
  const size = 70 * mebi
  const begin = async () => (await objects.begin('dropped', size, { idempotencyKey: 'it' })).upload
  const first = await begin()
  const { rows } = await api.web.pool.query<{ id: string }>('SELECT store_upload_id AS id FROM upload')
  // A lifecycle rule of the bucket does so, and a completion whose answer was lost.
  await api.driver.abortUpload(api.bucket, 'dropped', rows[0]?.id ?? '')
  const [one, other] = await Promise.all([begin(), begin()])
  expect(one).toMatchObject({ parts: [], partSize: 16 * mebi })
  expect([one.id === first.id, one.id === other.id]).toEqual([false, true])
  const [address] = (await objects.parts(one.id, [1])).parts
  expect((await send(address, Buffer.alloc(16 * mebi))).status).toBe(200)
  expect((await begin()).parts).toHaveLength(1)
})

test('an upload that is aborted, or that nobody completes, takes its parts with it', async () => {
  await api.create()
  const size = 70 * mebi
  const openAtStore = async (key: string) => {
    const { rows } = await api.web.pool.query<{ id: string }>(
      'SELECT store_upload_id AS id FROM upload WHERE key = $1',
      [key],
    )
    return rows[0]?.id ?? ''
  }
  for (const key of ['aborted', 'expired']) {
    const { upload } = await objects.begin(key, size)
    const [address] = (await objects.parts(upload.id, [1])).parts
    expect((await send(address, Buffer.alloc(16 * mebi))).status).toBe(200)
    const atStore = await openAtStore(key)
    expect(await api.driver.uploadedParts(api.bucket, key, atStore)).toHaveLength(1)
    if (key === 'aborted') expect(await objects.abort(upload.id)).toMatchObject({ abortedId: upload.id })
    else await api.web.pool.query(`UPDATE upload SET expires_at = now() - interval '1 s' WHERE key = 'expired'`)
    for (const refused of [objects.abort(upload.id), objects.parts(upload.id, [1]), objects.complete(upload.id)])
      expect(await refused).toMatchObject({ code: 'NOT_FOUND' })
    await endAbandonedUploads(api.web.deps)
    await expect(api.driver.uploadedParts(api.bucket, key, atStore)).rejects.toMatchObject({ kind: 'no-such-upload' })
    expect(await openAtStore(key)).toBe('')
  }
})

test('an upload that is over waits for a store that is away, and is not forgotten', async () => {
  await api.create()
  const { upload } = await objects.begin('away', 70 * mebi)
  await objects.abort(upload.id)
  const { deps } = api.web
  const connect: typeof deps.connect = (store) => deps.connect({ ...store, endpoint: 'http://127.0.0.1:1' })
  const away = { ...deps, connect }
  await endAbandonedUploads(away)
  const { rows } = await api.web.pool.query(`SELECT state, expires_at > now() AS later FROM upload WHERE key = 'away'`)
  expect(rows).toEqual([{ state: 'aborted', later: true }])
  await api.web.pool.query(`UPDATE upload SET expires_at = now() - interval '1 s' WHERE key = 'away'`)
  await endAbandonedUploads(api.web.deps)
  expect((await api.web.pool.query(`SELECT 1 FROM upload WHERE key = 'away'`)).rows).toEqual([])
})

test('nothing is written to a master that is stopped, or that somebody replaced, or whose bucket is being deleted', async () => {
  await api.create()
  const { upload } = await objects.begin('a', 5)
  await send(upload, 'hello')
  await api.web.pool.query(`UPDATE bucket SET master_stopped = 'replaced' WHERE name = $1`, [api.bucket])
  for (const refused of [objects.begin('b', 1), objects.complete(upload.id), objects.deleteAll(['a'])])
    expect(await refused).toMatchObject({
      code: 'UNSAFE',
      message: expect.stringContaining('is another one than FaDO knows'),
    })
  await api.web.pool.query(
    `UPDATE bucket SET master_stopped = NULL, master_created_on = '2020-01-01' WHERE name = $1`,
    [api.bucket],
  )
  expect(await objects.deleteAll(['a'])).toMatchObject({ code: 'UNSAFE' }) // nobody has noticed yet
  expect(await api.driver.head(api.bucket, 'a')).not.toBeNull()
  await api.web.pool.query(`UPDATE bucket SET state = 'deleting' WHERE name = $1`, [api.bucket])
  for (const refused of [objects.begin('b', 1), objects.complete(upload.id), objects.deleteAll(['a'])])
    expect(await refused).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('is being deleted') })
})

test('nothing is sent to a master that lies where the policy zones forbids data; it may be emptied', async () => {
  await api.create()
  const { upload } = await objects.begin('big', 70 * mebi)
  const { upload: small } = await objects.begin('a', 5)
  await send(small, 'hello')
  const zones = { scope: { bucket: api.bucket }, name: 'zones', value: ['high-performance'] }
  await api.web.mutate('policySet', zones, 'policy { name }')
  for (const refused of [objects.begin('b', 1), objects.parts(upload.id, [1])])
    expect(await refused).toMatchObject({
      code: 'UNSAFE',
      message: expect.stringContaining('may lie in high-performance only'),
    })
  const through = await api.web.fetch(`/api/objects/${api.bucket}/b`, {
    method: 'PUT',
    body: 'x',
    headers: { authorization: `Bearer ${api.web.admin}` },
  })
  expect(through.status).toBe(409)
  expect((await objects.complete(small.id)).object).toMatchObject({ key: 'a' }) // it is there, and told
  expect(await objects.deleteAll(['a'])).toMatchObject({ deleted: ['a'] })
})

test('an object over another that FaDO knows is recorded at once only where the bucket is surely the recorded one', async () => {
  await api.create()
  const put = async (body: string) => {
    const { upload } = await objects.begin('a', body.length)
    await send(upload, body)
    return objects.complete(upload.id)
  }
  await put('one')
  const createdOn = await api.driver.bucketCreatedAt(api.bucket)
  const record = (ms: number | null) =>
    api.web.pool.query('UPDATE bucket SET master_created_on = to_timestamp($2::float8 / 1000) WHERE name = $1', [
      api.bucket,
      ms,
    ])
  await record(1)
  expect((await put('three')).object).toMatchObject({ size: 5 })
  expect(await objects.listed()).toEqual(['a 3']) // left to the mover, which asks the store more closely
  await record(createdOn)
  await put('seven!!')
  expect(await objects.listed()).toEqual(['a 7'])
})

test('what cannot be stored is refused before anything is sent', async () => {
  await api.create()
  const refusals: [string, Record<string, unknown>, string][] = [
    ['', {}, 'key'],
    ['a\0b', {}, 'key'],
    ['x'.repeat(1025), {}, 'key'],
    ['a/../b', {}, 'key'],
    ['k', { size: -1 }, 'size'],
    ['k', { size: 6 * 1024 ** 4 }, 'size'],
    ['k', { contentType: 'text/plain\r\nx: y' }, 'contentType'],
    ['k', { metadata: [{ name: 'a b', value: '' }] }, 'metadata'],
    ['k', { metadata: [{ name: 'a', value: 'ü' }] }, 'metadata'],
    ['k', { metadata: [{ name: 'a', value: 'x'.repeat(2048) }] }, 'metadata'],
    ['k', { tags: Array.from({ length: 11 }, (_, i) => ({ key: `k${i}`, value: '' })) }, 'tags'],
    ['k', { tags: [{ key: 'a', value: '<b>' }] }, 'tags'],
    ['k', { idempotencyKey: '' }, 'idempotencyKey'],
  ]
  for (const [key, more, field] of refusals) {
    const refused = await objects.begin(key, 1, more)
    expect([refused.code, refused.path?.[1]], JSON.stringify([key.slice(0, 20), more])).toEqual([
      'VALIDATION_FAILED',
      field,
    ])
  }
  expect(
    (
      await api.web.pool.query('SELECT 1 FROM upload u JOIN bucket b ON b.id = u.bucket_id WHERE b.name = $1', [
        api.bucket,
      ])
    ).rows,
  ).toEqual([])
})
