// The ways of bytes between the command line and a store that is slow, silent, or not there.
import { openAsBlob } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import http from 'node:http'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { createWays, type Patience } from '../../../server/cli/objects/ways.ts'
import { tempDir } from '../../support/temp-dir.ts'

const patience: Patience = { connectMs: 1_000, quietMs: 100, silentMs: 1_500, fadoMs: 2_000 }

async function serve(handler: http.RequestListener): Promise<string> {
  const server = http.createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}
const never: http.RequestListener = () => undefined

function waysTo(fado: string) {
  const said: string[] = []
  const ways = createWays({ url: `${fado}/graphql`, token: 't' }, (line) => void said.push(line), patience)
  const send = (store: string, body: string | Blob = 'hello') =>
    ways.send({
      body: new Blob([body]),
      contentType: 'text/plain',
      direct: async () => ({ method: 'PUT', url: `${store}/b/k?signed`, headers: [{ name: 'x-a', value: '1' }] }),
      through: '/api/objects/b/k',
    })
  return { said, ways, send }
}

test('what is sent to a store that answers arrives as it is, and nothing is said', async () => {
  const seen: unknown[] = []
  const store = await serve(async (request, response) => {
    seen.push([request.method, request.url, request.headers['x-a'], request.headers['content-length']])
    seen.push(await text(request))
    response.setHeader('etag', '"e"').end()
  })
  const { send, said } = waysTo('http://127.0.0.1:1')
  expect(await send(store)).toBe('"e"')
  expect(seen).toEqual([['PUT', '/b/k?signed', '1', '5'], 'hello'])
  expect(await send(store, '')).toBe('"e"')
  expect(said).toEqual([])
})

test('a store that takes the connection and is silent is told of, given up soon, and passed by from then on', async () => {
  let tried = 0
  const store = await serve(() => void tried++)
  const fado = await serve(async (request, response) => {
    response.setHeader('etag', `"${await text(request)}"`).end()
  })
  const { send, said } = waysTo(fado)
  expect([await send(store), await send(store)]).toEqual(['"hello"', '"hello"'])
  expect(tried).toBe(1)
  expect(said).toEqual([
    `The store at ${store} is silent. It is waited for.`,
    `The store at ${store} cannot be reached from here: the way is through FaDO.`,
  ])
})

test('a store that is slow and takes byte after byte is not given up', async () => {
  const store = await serve(async (request, response) => {
    for await (const _ of request) await new Promise((resolve) => setTimeout(resolve, 2))
    response.setHeader('etag', '"e"').end()
  })
  const { send, said } = waysTo('http://127.0.0.1:1')
  expect(await send(store, 'x'.repeat(30_000_000))).toBe('"e"')
  expect(said.some((line) => line.includes('cannot be reached'))).toBe(false)
})

test('where FaDO says that the store does not answer, that is told, after no more tries than may help', async () => {
  const store = await serve(never)
  const error = { code: 'UNREACHABLE', message: 'hpc does not answer' }
  const fado = await serve((request, response) => {
    request.resume()
    response.writeHead(502).end(JSON.stringify({ error }))
  })
  await expect(waysTo(fado).send(store)).rejects.toThrow('hpc does not answer (UNREACHABLE)')
})

test('a file that cannot be read any more is a refusal, not the end of the process', async () => {
  const store = await serve((request, response) => void request.resume().on('end', () => response.end()))
  const file = path.join(await tempDir(), 'changed')
  await writeFile(file, 'before')
  const body = await openAsBlob(file)
  await writeFile(file, 'other and longer')
  await expect(waysTo(store).send(store, body)).rejects.toThrow('Neither the store nor FaDO answers')
})

test('where FaDO is silent, too, it ends all the same, with words', async () => {
  const [store, fado] = [await serve(never), await serve(never)]
  const { send, said, ways } = waysTo(fado)
  await expect(send(store)).rejects.toThrow('Neither the store nor FaDO answers')
  expect(said).toContain(`FaDO at ${fado}, which asks the store, is silent. It is waited for.`)
  const open = ways.open(`${store}/b/k`, '/api/objects/b/k', new AbortController().signal)
  await expect(open).rejects.toThrow('Neither the store nor FaDO answers')
})
