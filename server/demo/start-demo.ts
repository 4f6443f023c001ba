// Starts the demo's parts in the order in which they need each other.
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { buildBootstrap } from '../../proxy/bootstrap.ts'
import { type Api, createApi } from '../cli/api.ts'
import type { Config } from '../config.ts'
import { loadAdminToken } from '../secret-files.ts'
import { requirePorts } from '../supervise/free-ports.ts'
import { postgresPart } from '../supervise/postgres-part.ts'
import { createSupervisor, type Supervisor } from '../supervise/supervisor.ts'
import { locateTool } from '../tools.ts'
import { at } from './addresses.ts'
import { createDemoFileWriter, type DemoFacts, type DemoFile, describeDemo } from './demo-file.ts'
import { clusterNames, demoPorts, portUses } from './demo-ports.ts'
import type { DemoState } from './demo-state.ts'
import {
  type DemoStoreKeys,
  type Environment,
  envoyPart,
  fadoPart,
  functionServerPart,
  logIn,
  minioPart,
} from './parts.ts'
import { seedFleet } from './seed.ts'
import { type ServiceTokens, serviceTokens } from './service-tokens.ts'

export type StartOptions = {
  readonly config: Config
  /** What the parts of ours inherit. */
  readonly env: Environment
  readonly state: DemoState
  readonly seeded: boolean
  /** Tells what is under way, a few words at a time. */
  readonly progress: (text: string) => void
  readonly onDeath: (name: string, why: string) => void
  readonly signal: AbortSignal
  /** Ends all parts at once, whatever is under way. */
  readonly force: AbortSignal
}

export type RunningDemo = {
  readonly api: Api
  readonly file: () => DemoFile
  /** Removes demo.json, then stops the parts. */
  readonly stop: () => Promise<void>
}

const credentials: DemoStoreKeys = { accessKey: 'minio', secretKey: 'minio123' }
const cure = 'move the demo with FADO_DEMO_PORT_BASE=N (it then uses N to N+99)'

/** All that can be refused before anything runs. */
async function lookBefore({ config, env }: StartOptions) {
  const ports = demoPorts(config)
  const tools = { envoy: locateTool('envoy', env), minio: locateTool('minio', env) }
  await requirePorts(portUses(ports), '127.0.0.1', cure)
  return { ports, tools }
}
type Plan = Awaited<ReturnType<typeof lookBefore>> & { readonly token: string; readonly databaseUrl: string }

function fadoEnvironment({ env, config, state }: StartOptions, { ports, token, databaseUrl }: Plan): Environment {
  return {
    ...env,
    NODE_ENV: config.dev ? 'development' : 'production',
    DATABASE_URL: databaseUrl,
    FADO_STATE_DIR: state.home,
    FADO_TOKEN: token,
    FADO_HTTP_PORT: String(ports.http),
    FADO_XDS_PORT: String(ports.xds),
    // Its Envoy is beside it, and knows no authority.
    FADO_XDS_CERTIFICATE: undefined,
    FADO_XDS_KEY: undefined,
    FADO_XDS_CLIENT_CA: undefined,
    FADO_INGRESS_PORT: String(ports.ingress),
    FADO_INGRESS_TLS_PORT: undefined,
    FADO_INGRESS_CERTIFICATE: undefined,
    FADO_INGRESS_KEY: undefined,
    FADO_ENVOY_ADMIN_PORT: String(ports.envoyAdmin),
    FADO_MOVER_PORT: String(ports.mover),
    FADO_DEMO_PORT_BASE: undefined,
  }
}

async function writeBootstrap({ state }: StartOptions, { ports }: Plan, token: string): Promise<string> {
  const file = path.join(state.home, 'envoy.json')
  const address = '127.0.0.1'
  const bootstrap = buildBootstrap({
    nodeId: 'demo',
    xds: [{ address, port: ports.xds }],
    admin: { address, port: ports.envoyAdmin },
    token,
  })
  await writeFile(file, JSON.stringify(bootstrap, null, 2), { mode: 0o600 })
  return file
}

/** Everything but PostgreSQL and the control plane, which hands out the tokens that these need. */
async function otherParts(options: StartOptions, plan: Plan, fadoEnv: Environment, tokens: ServiceTokens) {
  const { state, env } = options
  const { ports, tools } = plan
  const { stateDir } = state
  const webhook = { url: `${at(ports.http)}/api/notify`, token: tokens.notify.secret }
  const configFile = await writeBootstrap(options, plan, tokens.proxy.secret)
  return [
    fadoPart({ role: 'mover', stateDir, env: fadoEnv }),
    ...clusterNames.map((cluster) => {
      const dir = path.join(state.home, 'stores', cluster)
      return minioPart({
        cluster,
        minio: tools.minio,
        port: ports.stores[cluster],
        dir,
        credentials,
        webhook,
        stateDir,
      })
    }),
    ...clusterNames.map((cluster) => {
      const store = at(ports.stores[cluster])
      return functionServerPart({ cluster, port: ports.functions[cluster], store, credentials, stateDir, env })
    }),
    envoyPart({ envoy: tools.envoy, configFile, adminPort: ports.envoyAdmin, stateDir }),
  ]
}

async function startPostgres({ state }: StartOptions, port: number, supervisor: Supervisor): Promise<string> {
  const { postgresDir: dir, stateDir } = state
  let url = ''
  const onUrl = (made: string) => {
    url = made
  }
  await supervisor.start([postgresPart({ dir, port, log: logIn(stateDir, 'postgres'), onUrl })])
  return url
}

async function startParts(options: StartOptions, supervisor: Supervisor): Promise<DemoFacts & { readonly api: Api }> {
  const { progress, state, config, signal } = options
  const { ports, tools } = await lookBefore(options)
  await state.notePorts()
  progress('PostgreSQL')
  const databaseUrl = await startPostgres(options, ports.postgres, supervisor)
  await state.noteDatabase(databaseUrl)
  const token = await loadAdminToken({ token: config.token, stateDir: state.home })
  const plan = { ports, tools, token, databaseUrl }
  const fadoEnv = fadoEnvironment(options, plan)
  progress('control plane and console')
  await supervisor.start([fadoPart({ role: 'control', stateDir: state.stateDir, env: fadoEnv })])
  const api = createApi({ url: `${at(ports.http)}/graphql`, token, signal })
  progress('mover, stores, functions, Envoy')
  await supervisor.start(
    await otherParts(options, plan, fadoEnv, await serviceTokens(api, { home: state.home, owner: 'demo' })),
  )
  if (options.seeded && !(await state.isSeeded())) {
    progress('clusters, buckets, objects')
    await seedFleet({ api, ports, credentials, signal, tell: progress })
    await state.markSeeded()
  }
  return { api, ports, token, credentials, publicUrl: config.publicUrl }
}

/** Resolves when all is up and demo.json says so; whatever goes wrong before that leaves nothing running. */
export async function startDemo(options: StartOptions): Promise<RunningDemo> {
  const { state, signal } = options
  const writer = createDemoFileWriter(state.stateDir)
  let facts: DemoFacts | undefined
  const pids = new Map<string, number>()
  const tell = async () => {
    for (const [name, pid] of supervisor.pids()) pids.set(name, pid) // a part that is just away keeps its old one
    if (facts !== undefined) await writer.write(describeDemo(facts, pids))
  }
  const supervisor = createSupervisor({
    onChange: () => void tell().catch((error: Error) => options.progress(`demo.json: ${error.message}`)),
    onDeath: options.onDeath,
  })
  options.force.addEventListener('abort', () => supervisor.kill(), { once: true })
  const stop = async () => {
    await writer.remove()
    await supervisor.stop()
    await state.release()
  }
  const giveUp = () => void supervisor.stop()
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    const { api, ...rest } = await startParts(options, supervisor)
    facts = rest
    await tell()
    return { api, file: () => describeDemo(rest, pids), stop }
  } catch (error) {
    await stop()
    throw error
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}
