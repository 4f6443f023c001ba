// What an object is beside its bytes, and what stands between FaDO and a store.
import { once } from 'node:events'
import { request as ask, createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import { moverFleet } from '../../support/mover-fleet.ts'

const stores = minios('hpc', 'edge')

/** A proxy in front of a store that unpacks gzip for callers that do not take it, or, when it is rude, for all. */
async function unpackingProxy(endpoint: string, rude: boolean): Promise<string> {
  const { hostname, port } = new URL(endpoint)
  const server = createServer((request, response) => {
    const { method, url, headers } = request
    const up = ask({ hostname, port, method, path: url, headers }, async (answer) => {
      const body = await buffer(answer)
      const packed = answer.headers['content-encoding'] === 'gzip' && body.length > 0
      if (!packed || (!rude && headers['accept-encoding']?.includes('gzip'))) {
        response.writeHead(answer.statusCode ?? 502, answer.headers).end(method === 'HEAD' ? undefined : body)
        return
      }
      const plain = gunzipSync(body)
      const { 'content-encoding': _, ...rest } = answer.headers
      response.writeHead(answer.statusCode ?? 502, { ...rest, 'content-length': plain.length }).end(plain)
    })
    up.on('error', () => response.destroy())
    request.pipe(up)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  })
  const address = server.address()
  return `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`
}

async function behindProxy(rude: boolean) {
  const hpc = await unpackingProxy(stores.process('hpc').endpoint, rude)
  return moverFleet([
    { name: 'hpc', endpoint: hpc },
    { name: 'edge', endpoint: stores.process('edge').endpoint },
  ])
}

const packed = gzipSync('text that is stored packed. '.repeat(1_000))
const metadata = { 'content-encoding': 'gzip', 'content-type': 'text/plain' }

test('behind a proxy that unpacks gzip for those who do not take it, the stored bytes are copied', async () => {
  const fleet = await behindProxy(false)
  const bucket = 'unpacked'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'k', packed, metadata)
  fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  expect(await fleet.store('edge').head(bucket, 'k')).toMatchObject({ size: packed.length, metadata })
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
})

test('a proxy that unpacks whatever it is asked is named as the cause, and other objects are copied', async () => {
  const fleet = await behindProxy(true)
  const bucket = 'unpacked-rudely'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'packed', packed, metadata)
  await fleet.put('hpc', bucket, 'plain', 'v')
  fleet.startMover()
  await fleet.replica(id, 'edge')
  const [cause] = await eventually('it has a cause', async () => {
    const causes = await fleet.causes(id, 'edge')
    return causes.length > 0 ? causes : null
  })
  expect(cause?.code).toBe('KEYS_FAIL')
  expect(cause?.message).toContain('a proxy that unpacks gzip')
  await eventually('the other is copied', async () => (await fleet.text('edge', bucket, 'plain')) === 'v')
  expect(await fleet.keys('edge', bucket)).toEqual(['plain'])
})

test('odd white space and letters in headers are copied octet for octet, and turn no store off', async () => {
  const fleet = await stores.fleet()
  const bucket = 'odd-headers'
  const id = await fleet.bucket(bucket, 'hpc')
  const octets = (text: string) => Buffer.from(text, 'utf8').toString('latin1')
  for (const [i, space] of ['\u202f', '\u00a0', '\u3000', '\u00e9'].entries()) {
    const value = octets(`attachment; filename="9.41${space}AM.png"`)
    await fleet.put('hpc', bucket, `k${i}`, 'v', { 'content-disposition': value, 'x-amz-meta-title': value })
  }
  await fleet.put('hpc', bucket, 'long', 'v', { 'x-amz-meta-title': octets('я'.repeat(900)) })
  fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
  expect(await fleet.causes(id, 'edge')).toEqual([])
  expect(await fleet.storeProblems('edge')).toEqual([])
})

const colour = (value: string) => [{ key: 'colour', value }]

/** A copy of some objects, in sync; `change` puts other tags on two of them, and no event tells. */
async function silentChange(bucket: string, policies: Readonly<Record<string, unknown>> = {}) {
  const fleet = await stores.fleet()
  const id = await fleet.bucket(bucket, 'hpc')
  for (const [name, value] of Object.entries(policies)) await fleet.policy(id, name, value)
  const keys = ['a', 'b', 'c', 'd', 'e']
  for (const key of keys) await fleet.put('hpc', bucket, key, key)
  await fleet.store('hpc').putTags(bucket, 'a', colour('red'))
  fleet.startMover({ times: { sweepMinS: 600, sweepMaxS: 600 } }) // no sweeps but those that the test asks for
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.store('hpc').putTags(bucket, 'a', colour('blue'))
  await fleet.store('hpc').putTags(bucket, 'e', colour('green'))
  const tags = async (key: string) => (await fleet.store('edge').getTags(bucket, key)).map(({ value }) => value).join()
  const resync = async () => {
    await fleet.pool.query('UPDATE replica_task SET "full" = generation WHERE bucket_id = $1', [id])
    await fleet.sweep(id, 'edge')
  }
  return { fleet, id, bucket, tags, resync }
}

test('a resync copies tags that no event and no listing told of, and finds nothing after that', async () => {
  const { fleet, id, tags, resync } = await silentChange('resynced', { full_compare: 0 })
  await fleet.sweep(id, 'edge')
  expect(await tags('a'), 'a sweep alone looks at listings').toBe('red')
  await resync()
  expect([await tags('a'), await tags('e')]).toEqual(['blue', 'green'])
  const before = await writes(fleet)
  await resync()
  expect(await writes(fleet)).toBe(before)
})

test('each sweep compares some of the objects whole and goes on where the one before stopped, until all had their turn', async () => {
  const { fleet, id, tags } = await silentChange('in-turn', { full_compare: 1_000_000 })
  expect((await turn(fleet, id)).comparedSince).toBeNull()
  const seen: (string | null)[] = []
  // Five objects, one of them at each sweep; the sixth sees that there are no more.
  for (let i = 0; i < 6; i++) {
    await fleet.sweep(id, 'edge')
    seen.push((await turn(fleet, id)).comparedKey)
    if (i === 0) expect([await tags('a'), await tags('e')]).toEqual(['blue', ''])
  }
  expect(seen).toEqual(['a', 'b', 'c', 'd', 'e', null])
  expect(await tags('e')).toBe('green')
  const { comparedSince, verifiedAt } = await turn(fleet, id)
  expect(comparedSince).not.toBeNull()
  expect(Number(comparedSince)).toBeLessThan(verifiedAt)
})

async function turn(fleet: Awaited<ReturnType<typeof stores.fleet>>, bucketId: string) {
  const { rows } = await fleet.pool.query<{
    comparedKey: string | null
    comparedSince: number | null
    verifiedAt: number
  }>(
    `SELECT compared_key AS "comparedKey", extract(epoch FROM compared_since)::float8 AS "comparedSince",
       extract(epoch FROM verified_at)::float8 AS "verifiedAt" FROM replica WHERE bucket_id = $1`,
    [bucketId],
  )
  const [row] = rows
  if (row === undefined) throw new Error('no replica')
  return row
}

/** When each object was written last, as the journal says. */
async function writes(fleet: Awaited<ReturnType<typeof stores.fleet>>): Promise<string> {
  const { rows } = await fleet.pool.query('SELECT key, target_modified, verified_at FROM replica_object ORDER BY key')
  return JSON.stringify(rows)
}
