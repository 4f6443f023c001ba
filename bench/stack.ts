// A control plane and an Envoy of their own, on free ports, with functions that only answer: what is measured is FaDO and Envoy.
// Stores are whatever a bench brings, and a mover runs when it asks for one.
import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { buildBootstrap } from '../proxy/bootstrap.ts'
import { createPool, type Pool } from '../server/db/core/pool.ts'
import { startLocalPostgres } from '../server/postgres/local-postgres.ts'
import { createSecretBox, sealCredentials } from '../server/secrets.ts'
import { freePort } from '../tests/support/free-port.ts'
import { startAnswering } from './answering.ts'
import { makeHome } from './home.ts'
import { startMoverProcess } from './mover-process.ts'
import { ended, startEnvoy } from './server-process.ts'

export type Stack = {
  readonly pool: Pool
  /** One GraphQL operation; throws on errors. */
  readonly graphql: (query: string, variables: unknown) => Promise<unknown>
  readonly ingress: string
  /** Credentials as this control plane stores them for a store that takes any. */
  readonly credentialsOf: (storageId: string) => string
  /** A server on a free port of loopback that answers 200 with this text. */
  readonly answering: (text: string) => Promise<string>
  /** Where stores of this stack post their events. */
  readonly webhook: () => Promise<{ readonly url: string; readonly token: string }>
  /** Carries objects from now on; there is none before. At most one. */
  readonly startMover: () => Promise<void>
  /** Processes; 0: it does not run. */
  readonly pids: Readonly<Record<'control' | 'envoy' | 'mover' | 'postgres', number>>
  /** Another control plane in the place of this one, which ends first. Resolves when it serves. */
  readonly restartControl: () => Promise<void>
  readonly stop: () => Promise<void>
}

const main = path.resolve(import.meta.dirname, '../server/main.ts')
const token = 'bench-token-of-sixteen'

export async function startStack(): Promise<Stack> {
  const dir = await makeHome()
  const postgres = await startLocalPostgres({ dir: path.join(dir, 'postgres'), port: 0 })
  const [http, xds, ingress, admin] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const secretKey = randomBytes(32)
  const env = {
    ...process.env,
    NODE_ENV: 'production' as const, // Next narrows it
    DATABASE_URL: postgres.url,
    FADO_STATE_DIR: dir,
    FADO_TOKEN: token,
    FADO_SECRET_KEY: secretKey.toString('hex'),
    FADO_HTTP_PORT: String(http),
    FADO_XDS_PORT: String(xds),
    FADO_INGRESS_PORT: String(ingress),
    FADO_LOG_LEVEL: 'warn',
  }
  async function startControl() {
    const child = fork(main, ['serve', '--role', 'control'], { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const gone = once(child, 'exit').then(() => Promise.reject(new Error('no control plane')))
    gone.catch(() => undefined) // it ends some day
    await Promise.race([once(child, 'message'), gone])
    return child
  }
  let control = await startControl()
  const graphql = async (query: string, variables: unknown): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${http}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    })
    const body = (await response.json()) as { data?: unknown; errors?: unknown }
    if (body.errors !== undefined) throw new Error(JSON.stringify(body.errors))
    return body.data
  }
  const tokenOf = async (role: 'PROXY' | 'NOTIFY'): Promise<string> => {
    const { tokenCreate } = (await graphql(
      'mutation ($input: TokenCreateInput!) { tokenCreate(input: $input) { ... on TokenCreatePayload { secret } } }',
      { input: { name: `bench-${role.toLowerCase()}`, role } },
    )) as { tokenCreate: { secret: string } }
    return tokenCreate.secret
  }
  const address = '127.0.0.1'
  const envoy = await startEnvoy(
    buildBootstrap({
      nodeId: 'bench',
      xds: [{ address, port: xds }],
      admin: { address, port: admin },
      token: await tokenOf('PROXY'),
    }),
  )

  let mover: ChildProcess | undefined
  const answering = startAnswering()
  const pool = createPool(postgres.url, { max: 4, onError: () => undefined })
  return {
    pool,
    graphql,
    ingress: `http://127.0.0.1:${ingress}`,
    credentialsOf: (storageId) =>
      sealCredentials(createSecretBox(secretKey), storageId, { accessKey: 'bench', secretKey: 'bench' }),
    answering: answering.start,
    webhook: async () => ({ url: `http://127.0.0.1:${http}/api/notify`, token: await tokenOf('NOTIFY') }),
    async startMover() {
      mover = await startMoverProcess(env)
    },
    get pids() {
      return { control: control.pid ?? 0, envoy: envoy.pid, mover: mover?.pid ?? 0, postgres: postgres.pid }
    },
    async restartControl() {
      await ended(control)
      control = await startControl()
    },
    async stop() {
      await envoy.stop()
      if (mover !== undefined) await ended(mover)
      await ended(control)
      await answering.stop()
      await pool.end()
      await postgres.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
