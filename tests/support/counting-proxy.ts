// The way to a store that counts its requests, whatever asks: `GET ?notification`, `HEAD object`, ...
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export type CountingProxy = {
  readonly endpoint: string
  /** Those since the last call, in words. */
  take(): readonly string[]
}

/** `GET list-type`, `HEAD bucket`, `GET buckets`: the method, and what is asked for. */
function wordsOf(method: string, url: string): string {
  const { pathname, searchParams } = new URL(url, 'http://store')
  const [bucket = '', ...key] = pathname.slice(1).split('/')
  const [what] = [...searchParams.keys()].filter((name) => name !== 'encoding-type' && name !== 'max-keys')
  return `${method} ${what ?? (key.join('/') !== '' ? 'object' : bucket === '' ? 'buckets' : 'bucket')}`
}

export async function countingProxy(endpoint: string): Promise<CountingProxy> {
  const { port } = new URL(endpoint)
  let taken: string[] = []
  const server = createServer((asked, answer) => {
    const { method = '', url = '', headers } = asked
    taken.push(wordsOf(method, url))
    const passed = request({ host: '127.0.0.1', port, method, path: url, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.rawHeaders)
      response.pipe(answer)
    })
    passed.on('error', () => answer.destroy())
    asked.pipe(passed)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const all = taken
      taken = []
      return all
    },
  }
}
