// Stands in for a cluster's function platform: speaks OpenFaaS' paths and runs the functions of functions.ts.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { FadoError } from '../domain/errors.ts'
import { clusterHeader } from '../domain/fleet/cluster-header.ts'
import { type FunctionStore, runFunction } from './functions.ts'

export type FunctionServerOptions = {
  readonly cluster: string
  readonly store: FunctionStore
  readonly address: string
  /** 0: a free one. */
  readonly port: number
}
export type FunctionServer = { readonly port: number; readonly stop: () => Promise<void> }

/** Envoy keeps its connections for an hour: one that we close first can lose the call that is just sent on it. */
const keepAliveMs = 2 * 3_600_000
const longestDelayMs = 60_000
const graceMs = 1_000

const functionPath = /^\/function\/([^/]+)(?:\/.*)?$/

function reply(response: ServerResponse, status: number, body: Readonly<Record<string, unknown>>): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}

const headerOf = (request: IncomingMessage, name: string): string | null => {
  const value = request.headers[name]
  return typeof value === 'string' ? value : null
}

/** A path that is not one (`//`, `http://...`) is nobody's. */
const parsed = (path: string) => (/^\/(?!\/)/.test(path) ? URL.parse(path, 'http://function') : null)

async function answer({ cluster, store }: FunctionServerOptions, request: IncomingMessage, response: ServerResponse) {
  request.resume() // a body is taken and not used
  const { method = 'GET', url: path = '/' } = request
  const url = parsed(path)
  if (url?.pathname === '/healthz') {
    response.setHeader(clusterHeader, cluster)
    return reply(response, 200, { status: 'ok', cluster })
  }
  const name = url === null ? undefined : functionPath.exec(url.pathname)?.[1]
  if (url === null || name === undefined) return reply(response, 404, { error: 'no such path: use /function/NAME' })
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const { signal } = gone
  const bucket = headerOf(request, 'x-fado-bucket')
  const pause = Math.min(Number(url.searchParams.get('delay')) || 0, longestDelayMs)
  if (pause > 0) await delay(pause, undefined, { signal })
  const { status, body } = await runFunction(store, { name, bucket, query: url.searchParams, signal })
  reply(response, status, { cluster, function: name, method, path, bucket, ...body })
}

export async function startFunctionServer(options: FunctionServerOptions): Promise<FunctionServer> {
  const server = createServer({ keepAliveTimeout: keepAliveMs, requestTimeout: 0 }, (request, response) => {
    answer(options, request, response).catch(() => reply(response, 500, { error: 'the function failed' }))
  })
  const { address, port } = options
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(new FadoError('IN_USE', `Port ${port} on ${address} cannot be used (${cause.code}): choose another one`)),
    )
    server.listen(port, address, resolve)
  })
  async function end() {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeIdleConnections()
    const late = setTimeout(() => server.closeAllConnections(), graceMs)
    await closed
    clearTimeout(late)
  }
  let stopped: Promise<void> | undefined
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      stopped ??= end()
      return stopped
    },
  }
}
