// A pooler in transaction mode: a client has a connection of the server for a transaction, then another one. What the server
// says to a connection that nobody has is dropped, as poolers drop it.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import pg from 'pg'
import { onTestFinished } from 'vitest'

/** A message of PostgreSQL's protocol without content, or with it. */
function message(type: string, content = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(content.length + 4, 1)
  return Buffer.concat([head, content])
}
const welcome = Buffer.concat([
  message('R', Buffer.alloc(4)),
  message('K', Buffer.alloc(8, 1)),
  message('Z', Buffer.from('I')),
])
const terminate = 'X'.charCodeAt(0)
const readyForQuery = 'Z'.charCodeAt(0)
const idle = 'I'.charCodeAt(0)

/** Calls `take` with each whole message. */
function framed(take: (one: Buffer) => void): (data: Buffer) => void {
  let rest = Buffer.alloc(0)
  return (data) => {
    rest = Buffer.concat([rest, data])
    while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
      const end = rest.readInt32BE(1) + 1
      take(rest.subarray(0, end))
      rest = rest.subarray(end)
    }
  }
}

type Backend = { readonly socket: Socket; client: Socket | undefined }

async function openBackend(connectionString: string): Promise<Backend> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
  stream.removeAllListeners()
  const backend: Backend = { socket: stream, client: undefined }
  stream.on('error', () => undefined)
  stream.on(
    'data',
    framed((one) => {
      backend.client?.write(one)
      if (one[0] === readyForQuery && one[5] === idle) backend.client = undefined
    }),
  )
  return backend
}

/** The URL of a pooler with so many connections to the server. */
export async function startTransactionPooler(url: string, size: number): Promise<string> {
  const backends = await Promise.all(Array.from({ length: size }, () => openBackend(url)))
  const clients = new Set<Socket>()

  function takeFrom(client: Socket, data: Buffer) {
    if (data[0] === terminate) return void client.end()
    let backend = backends.find((one) => one.client === client)
    if (backend === undefined) {
      backend = backends.find((one) => one.client === undefined)
      if (backend === undefined) return void setTimeout(() => takeFrom(client, data), 5)
      backend.client = client
    }
    backend.socket.write(data)
  }
  const server = createServer((client) => {
    clients.add(client)
    client.on('error', () => undefined)
    client.once('data', () => {
      client.write(welcome)
      client.on('data', (data) => takeFrom(client, data))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of [...clients, ...backends.map((backend) => backend.socket)]) socket.destroy()
    server.close()
  })
  const changed = new URL(url)
  changed.port = String((server.address() as AddressInfo).port)
  return changed.href
}
