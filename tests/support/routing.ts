// The routing proxy with an observer that tests can wait for, function servers, and calls through Envoy.
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import pino from 'pino'
import { onTestFinished } from 'vitest'
import { createRoutingProxy, type ProxyObserver, type RoutingProxyOptions } from '../../proxy/routing-proxy.ts'
import type { Progress } from '../../proxy/stream/progress.ts'
import type { FaasEndpoint, RouteTable } from '../../server/domain/route/routing-table.ts'
import { type EnvoyOptions, startEnvoy } from './envoy.ts'
import { freePort } from './free-port.ts'

export const bucketHeader = 'x-fado-bucket'

/** Longer than any answer takes, so that a test that would wait for ever says for what. */
const longestMs = 45_000

export type FunctionServer = {
  readonly name: string
  readonly port: number
  /** Calls so far, and those under way. */
  calls: number
  active: number
  /** Frees its port. */
  readonly stop: () => Promise<void>
}

type Handler = (request: http.IncomingMessage, response: http.ServerResponse, body: Buffer) => Promise<void>

/** Answers with what it was asked, unless `handle` does. `at`: its port; any free one unless given. */
export async function startFunctions(name: string, handle?: Handler, at = 0): Promise<FunctionServer> {
  const server = http.createServer(async (request, response) => {
    functions.calls++
    functions.active++
    response.on('close', () => functions.active--)
    response.setHeader('x-server', name)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    await Promise.all(handle ? [handle(request, response, body)] : [])
    if (response.writableEnded || response.headersSent) return
    const { method, url, rawHeaders } = request
    response.end(JSON.stringify({ name, method, url, rawHeaders, body: body.toString() }))
  })
  server.listen(at, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const functions: FunctionServer = { name, port, calls: 0, active: 0, stop }
  async function stop() {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  onTestFinished(stop)
  return functions
}

export const endpointOf = (server: Pick<FunctionServer, 'name' | 'port'>, more: Partial<FaasEndpoint> = {}) =>
  ({
    id: server.name,
    cluster: server.name,
    kind: 'HTTP',
    url: `http://127.0.0.1:${server.port}`,
    addresses: ['127.0.0.1'],
    weight: 1,
    health: 'healthy',
    ...more,
  }) satisfies FaasEndpoint

/** With FIRST, clusters are asked in the order given. */
export const tableOf = (clusters: string[], more: Partial<RouteTable> = {}): RouteTable => ({
  clusters,
  lbPolicy: 'round_robin',
  timeoutMs: 10_000,
  ...(more.lbPolicy === 'first' ? { order: clusters } : {}),
  ...more,
})

export type Routing = Awaited<ReturnType<typeof startRouting>>

/** A routing proxy that serves xDS; `ready()` is the test's to call. */
export async function startRouting(
  options: Partial<RoutingProxyOptions> & {
    xdsPort?: number
    ingressPort?: number
    /** Told of calls that ended. */
    called?: NonNullable<ProxyObserver['called']>
  } = {},
) {
  const ingressPort = options.ingressPort ?? (await freePort())
  const events: string[] = []
  const reports = new Map<string, Progress>()
  const waiters = new Set<() => void>()
  const proxy = createRoutingProxy({
    ingress: { address: '127.0.0.1', port: ingressPort },
    log: pino({ level: 'silent' }),
    now: () => performance.now(),
    authenticate: async (token) => token === 'test-token',
    observer: {
      connected: ({ nodeId, envoyVersion }) => events.push(`connected ${nodeId} ${envoyVersion}`),
      disconnected: ({ streamId, nodeId }) => {
        reports.delete(streamId)
        events.push(`disconnected ${nodeId}`)
      },
      progress: ({ streamId, ackedThrough, exceptions }) => {
        reports.set(streamId, { ackedThrough, exceptions })
        for (const wake of waiters) wake()
      },
      ...(options.called ? { called: options.called } : {}),
    },
    retireMs: 200,
    ...options,
  })
  const { port: xdsPort } = await proxy.listen({ address: '127.0.0.1', port: options.xdsPort ?? 0 })
  onTestFinished(() => proxy.stop())

  /** Until the last reports of the streams are as wanted. */
  async function until(wanted: (streams: readonly Progress[]) => boolean) {
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = () => {
      if (wanted([...reports.values()])) resolve()
    }
    waiters.add(look)
    look()
    await promise
    waiters.delete(look)
  }

  /** The first answer that is no refused connection. */
  async function firstAnswer(path: string, options?: CallOptions): Promise<Answer> {
    for (const end = performance.now() + longestMs; ; await delay(5)) {
      try {
        return await call(ingressPort, path, options)
      } catch (error) {
        if (performance.now() > end) throw new Error(`Envoy gives no answer, ${events.join(', ')}`, { cause: error })
      }
    }
  }

  return {
    proxy,
    xdsPort,
    ingressPort,
    events,
    until,
    firstAnswer,
    /** Until `count` Envoys have all changes up to this number. A bucket that is late holds up no number, and is not ACKed. */
    acked: (number: number, count = 1) =>
      until(
        (streams) => streams.filter((one) => one.ackedThrough >= number && one.exceptions.length === 0).length >= count,
      ),
    /** The same of the first stream, whose Envoy may have refused some. */
    answered: (number: number) =>
      until(
        ([one]) =>
          one !== undefined && one.ackedThrough >= number && one.exceptions.every(({ state }) => state === 'nacked'),
      ),
    /** A call through the ingress. */
    call: (path: string, options?: CallOptions) => call(ingressPort, path, options),
    startEnvoy: (more: Partial<EnvoyOptions> = {}) => startEnvoy({ xdsPort, ...more }),
    /** Routes each bucket by its table to these deployments, and gives an Envoy that has answered a call of the first one. */
    async serve(
      endpoints: readonly FaasEndpoint[],
      tables: Readonly<Record<string, RouteTable>>,
      path = '/function/f',
      more: Partial<EnvoyOptions> = {},
    ) {
      proxy.apply({ kind: 'endpoints', endpoints })
      const routes = Object.entries(tables).map(([bucket, table], i) => ({ bucket, number: i + 1, table }))
      proxy.apply({ kind: 'routes', routes })
      proxy.ready()
      const envoy = await startEnvoy({ xdsPort, ...more })
      await firstAnswer(path, { bucket: routes[0]?.bucket ?? '' })
      return envoy
    },
  }
}

export type CallOptions = {
  readonly bucket?: string
  readonly method?: string
  readonly headers?: http.OutgoingHttpHeaders
  readonly body?: string | Buffer
  readonly agent?: http.Agent
}
/** `bytes`: the body as it came. */
export type Answer = { status: number; headers: http.IncomingHttpHeaders; body: string; bytes: Buffer }

async function call(port: number, path: string, options: CallOptions = {}): Promise<Answer> {
  const { bucket, method = 'GET', body, agent } = options
  const headers = { ...(bucket === undefined ? {} : { [bucketHeader]: bucket }), ...options.headers }
  const request = http.request({ host: '127.0.0.1', port, path, method, headers, ...(agent ? { agent } : {}) })
  request.setTimeout(longestMs, () => request.destroy(new Error(`no answer within ${longestMs} ms`)))
  request.end(body)
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  return { status: response.statusCode ?? 0, headers: response.headers, body: bytes.toString(), bytes }
}

/** Calls in a loop until stopped; returns what was not 200 and who served how often. */
export function hammer(port: number, path: string, options: CallOptions, callers = 4) {
  const agent = new http.Agent({ keepAlive: true })
  const failures: string[] = []
  const served = new Map<string, number>()
  let on = true
  let calls = 0
  const loops = Array.from({ length: callers }, async () => {
    while (on) {
      calls++
      const answer = await call(port, path, { ...options, agent }).catch((error: Error) => error)
      if (answer instanceof Error) failures.push(answer.message)
      else if (answer.status !== 200) failures.push(`${answer.status} ${answer.body}`)
      else {
        const by = String(answer.headers['x-fado-served-by'])
        served.set(by, (served.get(by) ?? 0) + 1)
      }
    }
  })
  return {
    calls: () => calls,
    async stop() {
      on = false
      await Promise.all(loops)
      agent.destroy()
      return { calls, failures, served }
    },
  }
}
