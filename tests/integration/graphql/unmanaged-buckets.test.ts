// The buckets of a store that FaDO does not look after, as the API lists them.

import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { bucketApi } from '../../support/bucket-api.ts'
import { rawClient } from '../../support/raw-store.ts'

const api = bucketApi()

type Bucket = {
  readonly name: string
  readonly createdAt: string
  readonly warnings: readonly { readonly code: string; readonly message: string }[]
  readonly sample: { readonly objects: number; readonly bytes: number; readonly whole: boolean } | null
}
const ask = (variables: Record<string, unknown> = {}) =>
  api.web.ask(
    `query ($name: String!, $first: Int, $after: String) { storageDeployment(name: $name) { name
       unmanagedBuckets(first: $first, after: $after) { pageInfo { hasNextPage endCursor }
         nodes { name createdAt warnings { code message } sample { objects bytes whole } } } } }`,
    { name: 'hpc', ...variables },
  )
const list = async (variables?: Record<string, unknown>): Promise<readonly Bucket[]> =>
  (await ask(variables)).data.storageDeployment.unmanagedBuckets.nodes
const find = async (name: string) => (await list()).find((one) => one.name === name)

test('it lists what is neither master nor replica, page by page in the byte order of the names', async () => {
  const names = ['a.b', 'a-b', 'a-c', 'a0c', 'fado-probe-left']
  for (const name of names) await api.driver.createBucket(name)
  await api.create({ name: 'master-here' })
  expect((await list()).map(({ name }) => name)).toEqual(['a-b', 'a-c', 'a.b', 'a0c'])
  const seen: string[] = []
  for (let after: string | null = null; ; ) {
    const { data } = await ask({ first: 3, after })
    const { nodes, pageInfo } = data.storageDeployment.unmanagedBuckets
    seen.push(...nodes.map((one: Bucket) => one.name))
    after = pageInfo.endCursor
    if (!pageInfo.hasNextPage) break
  }
  expect(seen).toEqual(['a-b', 'a-c', 'a.b', 'a0c'])
  for (const name of names) await api.driver.deleteBucket(name)
})

test('it tells what a replica would not have, by name, and counts what a page of the listing shows', async () => {
  const raw = rawClient(api.minio)
  const { bucket } = api
  await raw.createLocked(bucket)
  await raw.setDefaultRetention(bucket, 'GOVERNANCE', 1)
  await raw.write(
    bucket,
    'lifecycle',
    '<LifecycleConfiguration><Rule><ID>r</ID><Status>Enabled</Status><Filter><Prefix>tmp/</Prefix></Filter><Expiration><Days>7</Days></Expiration></Rule></LifecycleConfiguration>',
  )
  const policy = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: ['*'] }, Action: ['s3:GetObject'], Resource: [`arn:aws:s3:::${bucket}/*`] },
    ],
  }
  await raw.write(bucket, 'policy', JSON.stringify(policy))
  await api.driver.subscribe(bucket)
  for (const key of ['a', 'b']) await raw.putLocked(bucket, key, {})
  expect(await find(bucket)).toEqual({
    name: bucket,
    createdAt: expect.stringMatching(/^20/),
    warnings: [
      { code: 'VERSIONS', message: 'It keeps old versions: replicas get the current ones only' },
      { code: 'OBJECT_LOCK', message: expect.stringContaining('of 1 day by default') },
      { code: 'LIFECYCLE', message: expect.stringContaining('It has 1 lifecycle rule, which replicas do not get') },
      { code: 'BUCKET_POLICY', message: expect.stringContaining('It has a bucket policy') },
      { code: 'SUBSCRIBED', message: expect.stringContaining('A FaDO has subscribed its events already') },
    ],
    sample: { objects: 2, bytes: 2, whole: true },
  })
  const plain = `${bucket}-plain`
  await api.driver.createBucket(plain)
  expect(await find(plain)).toMatchObject({ warnings: [], sample: { objects: 0, bytes: 0, whole: true } })
})

test('a name that FaDO has elsewhere, or cannot have, is told', async () => {
  await api.driver.createBucket(api.bucket)
  const { rows } = await api.web.pool.query<{ id: string }>(`SELECT id FROM storage_deployment WHERE name = 'hpc'`)
  await api.web.pool.query(
    `INSERT INTO bucket (id, name, state, master_storage_id, master_bucket_name) VALUES (gen_random_uuid(), $1, 'active', $2, 'other')`,
    [api.bucket, rows[0]?.id],
  )
  expect((await find(api.bucket))?.warnings).toEqual([
    { code: 'NAME_TAKEN', message: `FaDO has a bucket ${api.bucket} already, whose master is on hpc` },
  ])
})

/** As a store that keeps plain files lists one that was laid into its directory. */
function withoutEtags(headers: IncomingHttpHeaders, listing: string): readonly [OutgoingHttpHeaders, string] {
  const text = listing.replaceAll(/<ETag>.*?<\/ETag>/g, '<ETag></ETag>')
  return [{ ...headers, 'content-length': Buffer.byteLength(text) }, text]
}

/** In front of the store: refuses one question, leaves one without an answer, lists objects without ETags, and lets all else pass. */
async function startDoor(): Promise<string> {
  const to = new URL(api.minio.endpoint)
  const door = createServer((request, response) => {
    if (request.url?.includes('?lifecycle')) return void response.writeHead(403).end()
    if (request.url?.includes('?encryption')) return
    const { method, url: path, headers } = request
    const onwards = httpRequest({ hostname: to.hostname, port: to.port, method, path, headers }, (answer) => {
      if (path?.includes('list-type=2') !== true) {
        response.writeHead(answer.statusCode ?? 500, answer.headers)
        return void answer.pipe(response)
      }
      void text(answer).then((listing) => {
        const [changed, body] = withoutEtags(answer.headers, listing)
        response.writeHead(answer.statusCode ?? 500, changed).end(body)
      })
    })
    request.pipe(onwards)
  }).listen(0, '127.0.0.1')
  await once(door, 'listening')
  onTestFinished(() => {
    door.closeAllConnections()
    door.close()
  })
  return `http://127.0.0.1:${(door.address() as AddressInfo).port}`
}

test('what a store does not let FaDO ask is unknown and no failure of the page; a silent store is one, with its code', async () => {
  await api.driver.createBucket(api.bucket)
  const moveTo = (url: string) =>
    api.web.pool.query(`UPDATE storage_deployment SET endpoint = $1 WHERE name = 'hpc'`, [url])
  onTestFinished(() => moveTo(api.minio.endpoint).then(() => undefined))
  await moveTo(await startDoor())
  expect(await find(api.bucket)).toMatchObject({
    warnings: [
      {
        code: 'UNKNOWN_SETTINGS',
        message: 'The store does not let FaDO ask, or did not answer in time: lifecycle rules and encryption',
      },
    ],
    sample: { objects: 0, whole: true },
  })
  await api.driver.put(api.bucket, 'laid', { body: Buffer.from('x'), size: 1 })
  const [warning] = (await find(api.bucket))?.warnings ?? []
  expect(warning).toEqual({
    code: 'NO_ETAG',
    message: 'What has no ETag cannot be copied until it is written again through S3 (1 object: laid)',
  })
  await moveTo('http://127.0.0.1:1')
  const { data, errors } = await ask()
  expect(data.storageDeployment).toBeNull()
  expect(errors?.[0]?.extensions.code).toBe('UNREACHABLE')
})
