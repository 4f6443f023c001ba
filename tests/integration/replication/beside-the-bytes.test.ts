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
  const row = await eventually('it has a cause', async () => {
    const now = await fleet.replicaRow(id, 'edge')
    return now.cause === null ? null : now
  })
  expect(row.cause).toContain('a proxy that unpacks gzip')
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
  expect((await fleet.replicaRow(id, 'edge')).cause).toBeNull()
  expect((await fleet.bucketRow(id)).masterCause).toBeNull()
})
