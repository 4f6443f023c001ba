// The console is a Next.js application in the same server; it speaks GraphQL only, so it needs nothing of ours.
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import type { Duplex } from 'node:stream'
import next from 'next'
import type { Config } from '../config.ts'

const root = path.resolve(import.meta.dirname, '../..')

export type Console = {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** For work on the console only: its compiler speaks to the browser. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>
  close(): Promise<void>
}

/** Standard output is ours to speak on: Next would tell there how long it took to read its configuration. Its warnings pass. */
async function withoutChatter(work: () => Promise<void>): Promise<void> {
  const { log } = console
  console.log = () => undefined
  try {
    await work()
  } finally {
    console.log = log
  }
}

export async function createConsole({ dev, http }: Pick<Config, 'dev' | 'http'>): Promise<Console> {
  const app = next({ dev, dir: root, hostname: http.address, port: http.port })
  await (dev ? app.prepare() : withoutChatter(() => app.prepare()))
  const handle = app.getRequestHandler()
  const upgrade = app.getUpgradeHandler()
  return {
    handle: async (request, response) => void (await handle(request, response)),
    upgrade: async (request, socket, head) => void (await upgrade(request, socket, head)),
    close: () => app.close(),
  }
}
