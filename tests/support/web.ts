// The web side of a control plane on a database of its own, without reconcilers, movers and proxies: what they would
// write, tests write themselves.
import { Writable } from 'node:stream'
import { type Client, createClient } from 'graphql-ws'
import pino from 'pino'
import { WebSocket } from 'ws'
import { createControlMetrics } from '../../server/compose/control-metrics.ts'
import { startWeb } from '../../server/compose/web.ts'
import { createDb } from '../../server/db/core/client.ts'
import { createWakeups, type Wakeups } from '../../server/db/core/notify.ts'
import { createPool, type Pool } from '../../server/db/core/pool.ts'
import { anyTarget, forbiddenTargets } from '../../server/forbidden-target.ts'
import { createDeploymentSecrets } from '../../server/reconcile/deployment-secrets.ts'
import { createSecretBox } from '../../server/secrets.ts'
import { type ChangeFeed, createChangeFeed } from '../../server/services/events/change-feed.ts'
import { createServices } from '../../server/services/services.ts'
import type { ServiceDeps } from '../../server/services/shared/deps.ts'
import { connectStore } from '../../server/services/stores/connect-store.ts'
import { ensureAdminToken } from '../../server/services/tokens/authenticate.ts'
import { freshDatabase } from './postgres.ts'
import { exchangeText, tellOnFailure } from './world/tell-on-failure.ts'

type Json = Readonly<Record<string, unknown>>
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers as they are
type Data = any

export type GraphqlAnswer = {
  readonly status: number
  readonly data: Data
  readonly errors: readonly { readonly message: string; readonly extensions: { readonly code: string } }[] | undefined
}

export type TestWeb = {
  readonly url: string
  readonly database: string
  readonly admin: string
  readonly deps: ServiceDeps & { readonly wakeups: Wakeups }
  readonly pool: Pool
  readonly onTokenRevoked: ChangeFeed['onTokenRevoked']
  /** As when the database is another one. */
  readonly beginAnew: ChangeFeed['beginAnew']
  /** What was logged so far. */
  readonly log: () => string
  /** One request; `token` default: the admin's, null: none. */
  ask(query: string, variables?: Json, token?: string | null): Promise<GraphqlAnswer>
  /** Runs a mutation of one field and returns its result: a payload, or { code, message, path }. */
  mutate(name: string, input: Json, fields: string, token?: string): Promise<Data>
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** A graphql-ws client. */
  socket(token: string | undefined, options?: { headers?: Record<string, string> }): Client
  stop(): Promise<void>
}

const capital = (name: string) => name.slice(0, 1).toUpperCase() + name.slice(1)

export type TestWebOptions = {
  readonly page?: Parameters<typeof startWeb>[0]['page']
  readonly publicUrl?: string
  /** Another control plane's; default: a new one. */
  readonly database?: string
  /** What happens after a token was looked up and before its holder is let in. */
  readonly onAuthenticated?: () => Promise<unknown>
  /** Default: the ingress speaks TLS, too. */
  readonly ingressTls?: boolean
  readonly webhook?: Parameters<typeof startWeb>[0]['webhook']
}

export async function startTestWeb(options: TestWebOptions = {}): Promise<TestWeb> {
  const database = options.database ?? (await freshDatabase())
  const lines: string[] = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const log = pino({ level: 'trace' }, sink)
  const onError = (error: unknown) => log.warn({ err: error }, 'a connection was lost')
  const pool = createPool(database, { max: 8, onError })
  const db = createDb(pool)
  const wakeups = await createWakeups(pool, onError)
  const secrets = createSecretBox(Buffer.alloc(32, 7))
  const admin = 'an-admin-token-for-tests'
  await ensureAdminToken({ pool }, admin)
  const feed = await createChangeFeed({ pool, wakeups, log })
  const deps = {
    db,
    pool,
    wakeups,
    log,
    secrets,
    connect: connectStore,
    forbiddenTarget: forbiddenTargets([]),
    withSecrets: createDeploymentSecrets({ secrets, log, mayAsk: { forbiddenTarget: anyTarget } }).withSecrets,
    ingressUrl: 'http://127.0.0.1:10000',
    ingressTls: options.ingressTls ?? true,
  }
  const services = createServices({ ...deps, feed })
  const authenticate: typeof services.authenticate = async (secret) => {
    const actor = await services.authenticate(secret)
    await options.onAuthenticated?.()
    return actor
  }
  const web = await startWeb({
    ...deps,
    metrics: createControlMetrics({ pool, log }),
    services: { ...services, authenticate },
    config: { http: { address: '127.0.0.1', port: 0 }, publicUrl: options.publicUrl, dev: false },
    ...(options.page ? { page: options.page } : {}),
    webhook: { noteEveryMs: 20, ...options.webhook },
  })
  const url = `http://127.0.0.1:${web.port}`
  const clients: Client[] = []

  async function ask(query: string, variables: Json = {}, token: string | null = admin): Promise<GraphqlAnswer> {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
    })
    const { data, errors } = (await response.json()) as Omit<GraphqlAnswer, 'status'>
    tellOnFailure({ operation: query, variables, answer: errors ?? data })
    return { status: response.status, data, errors }
  }

  return {
    url,
    database,
    admin,
    deps,
    pool,
    onTokenRevoked: feed.onTokenRevoked,
    beginAnew: feed.beginAnew,
    log: () => lines.join(''),
    ask,
    async mutate(name, input, fields, token = admin) {
      const type = capital(name)
      const operation = `mutation ($input: ${type}Input!) { ${name}(input: $input) {
           __typename ... on ${type}Payload { ${fields} } ... on UserError { code message path } } }`
      const { data, errors } = await ask(operation, { input }, token)
      if (errors) throw new Error(exchangeText({ operation, variables: { input }, answer: errors }))
      return data[name]
    },
    fetch: (path, init) => fetch(`${url}${path}`, init),
    socket(token, { headers = {} } = {}) {
      class WithHeaders extends WebSocket {
        constructor(address: string, protocols: string) {
          super(address, protocols, { headers })
        }
      }
      const client = createClient({
        url: `${url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WithHeaders,
        retryAttempts: 0,
        ...(token === undefined ? {} : { connectionParams: { authorization: `Bearer ${token}` } }),
      })
      clients.push(client)
      return client
    },
    async stop() {
      await Promise.all(clients.map((client) => client.dispose()))
      await web.stop()
      await feed.stop()
      await wakeups.stop()
      await db.end()
      await pool.end()
    },
  }
}
