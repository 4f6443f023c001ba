// The console's socket on a server that closes it: whatever the code says, a page that stays open asks again.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { createConsoleClient } from '../../../app/_lib/client.ts'
import { LiveChangesDocument } from '../../../graphql/generated/operations.ts'

const network = { online: () => true, addEventListener: () => undefined, removeEventListener: () => undefined }

type Message = { readonly type: string; readonly id?: string }

/** Does with its first connections what is said, one after the other, and serves the next. */
async function serveAfter(first: readonly ((socket: WebSocket, message: Message) => void)[]) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'graphql-transport-ws' })
  await once(server, 'listening')
  const waiting = [...first]
  let asked = 0
  server.on('connection', (socket) => {
    const refuse = waiting.shift()
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Message
      if (refuse) return refuse(socket, message)
      if (message.type === 'connection_init') socket.send(JSON.stringify({ type: 'connection_ack' }))
      if (message.type !== 'subscribe') return
      asked += 1
      const changes = { __typename: 'Change', at: '2026-01-01T00:00:00Z', kind: 'PROXY', subject: 'p' }
      socket.send(JSON.stringify({ type: 'next', id: message.id, payload: { data: { changes } } }))
    })
  })
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate()
    server.close()
  })
  let signedOut = 0
  const client = createConsoleClient({
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    network,
    onSignedOut: () => {
      signedOut += 1
    },
  })
  onTestFinished(client.dispose)
  /** Whether the page was live after each change of that. */
  const live: boolean[] = []
  client.link.subscribe(() => live.push(client.link.get().live))
  const heard: unknown[] = []
  const { unsubscribe } = client.client
    .subscription(LiveChangesDocument, {})
    .subscribe((result) => heard.push(result.error ?? result.data?.changes.kind))
  onTestFinished(unsubscribe)
  return { heard, live, asked: () => asked, signedOut: () => signedOut }
}

test.each([4500, 4400, 1011, 1013, 4429])('a socket that is closed with %i is opened again', async (code) => {
  const { heard, live, asked } = await serveAfter([
    (socket) => socket.close(code, 'no'),
    (socket) => socket.close(code, 'still no'),
  ])
  await expect.poll(() => heard).toEqual(['PROXY'])
  expect(live).toEqual([false, true])
  expect(asked()).toBe(1)
})

test('a subscription that was served is asked for again after a close that says it is final', async () => {
  let count = 0
  const { heard } = await serveAfter([
    (socket, { type }) => {
      if (type === 'connection_init') socket.send(JSON.stringify({ type: 'connection_ack' }))
      if (type === 'subscribe' && ++count === 1) socket.close(4500, 'Internal server error')
    },
  ])
  await expect.poll(() => heard).toEqual(['PROXY'])
})

test.each([4401, 4403])('the end of the session, %i, is final', async (code) => {
  const { heard, asked, signedOut } = await serveAfter([(socket) => socket.close(code, 'over')])
  await expect.poll(signedOut).toBe(1)
  await expect.poll(() => heard.length).toBe(1)
  expect(asked()).toBe(0)
})
