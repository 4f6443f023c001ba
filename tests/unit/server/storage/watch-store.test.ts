import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { watchStore } from '../../../../server/storage/watch-store.ts'
import { eventually } from '../../../support/eventually.ts'

const { signal } = new AbortController()

async function watched(handle: RequestListener) {
  const server = createServer(handle).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const watch = watchStore(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(async () => {
    await watch.close()
    server.closeAllConnections()
    server.close()
  })
  return { watch, server }
}

test('a store that is silent has missed after one second, also several times in a row', async () => {
  const { watch } = await watched(() => undefined)
  const begun = performance.now()
  for (let n = 0; n < 3; n++)
    expect(await watch.ask(signal)).toEqual({
      ok: false,
      detail: 'It cannot be reached: no answer within 1 s',
      interrupted: false,
    })
  expect(performance.now() - begun).toBeLessThan(3_900)
})

test('a store that begins to answer and stops has missed after one second', async () => {
  const { watch } = await watched((_, response) => void response.writeHead(200, { 'content-length': 10 }).write('12'))
  const begun = performance.now()
  expect(await watch.ask(signal)).toMatchObject({ ok: false, detail: 'It cannot be reached: no answer within 1 s' })
  expect(performance.now() - begun).toBeLessThan(1_300)
})

test('a refusal is answer enough, an error of the store is not', async () => {
  let status = 403
  const { watch } = await watched((_, response) => void response.writeHead(status).end())
  expect(await watch.ask(signal)).toMatchObject({ ok: true, detail: null })
  status = 503
  expect(await watch.ask(signal)).toMatchObject({ ok: false, detail: 'It answers 503' })
})

test('a connection that was cut since the last answer is told, once', async () => {
  const { watch, server } = await watched((_, response) => void response.end())
  expect(await watch.ask(signal)).toMatchObject({ ok: true, interrupted: true })
  expect(await watch.ask(signal)).toMatchObject({ ok: true, interrupted: false })
  server.closeAllConnections()
  const next = await eventually('it answers again', async () => {
    const answer = await watch.ask(signal) // the first one may still go out on the old connection
    return answer.ok ? answer : undefined
  })
  expect(next).toMatchObject({ interrupted: true })
  expect(await watch.ask(signal)).toMatchObject({ ok: true, interrupted: false })
})

test('nobody there is told as such', async () => {
  const { watch, server } = await watched(() => undefined)
  server.close()
  expect(await watch.ask(signal)).toEqual({
    ok: false,
    detail: 'It cannot be reached: the connection is refused',
    interrupted: false,
  })
})
