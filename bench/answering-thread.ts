// The thread of `answering.ts`: for each text that it is sent a server, of which it tells the address.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parentPort } from 'node:worker_threads'

const address = '127.0.0.1'

parentPort?.on('message', async (text: string) => {
  const server = createServer((_request, response) => response.end(text)).listen(0, address)
  await once(server, 'listening')
  parentPort?.postMessage(`http://${address}:${(server.address() as AddressInfo).port}`)
})
