// `fado doctor`: what FaDO needs on this machine, whether it is there, and what to do where it is not.
import { access, constants, mkdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { CliClosedBucketsDocument } from '../../graphql/generated/operations.ts'
import { type Config, urlOf } from '../config.ts'
import { requireServer } from '../db/core/require-server.ts'
import { demoFileIn } from '../demo/demo-file.ts'
import { demoPorts, portUses } from '../demo/demo-ports.ts'
import { FadoError } from '../domain/errors.ts'
import { nobodyMayCall } from '../domain/explain/say-decision.ts'
import { isInTrouble } from '../domain/fleet/in-trouble.ts'
import { isUnserved } from '../domain/links/unserved.ts'
import { counted, isReason, listOf } from '../domain/reason.ts'
import { fileFailure } from '../file-failure.ts'
import { serverName } from '../http/respond.ts'
import { findBinaries } from '../postgres/binaries.ts'
import { parseSecretKey } from '../secrets.ts'
import { portProblem } from '../supervise/free-ports.ts'
import { findTool, type ToolName, tools } from '../tools.ts'
import { type Api, createApi } from './api.ts'
import { findTarget } from './connection.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import { healthText, loadClusters, storeStateText } from './get-clusters.ts'
import { type Link, loadLinks } from './get-replication.ts'
import { json, table } from './output.ts'

export type Finding = {
  readonly part: string
  /**
   * `missing`: FaDO runs without it, the demo does not. `not needed`: there is a database, so it is not for a demo. `not asked`:
   * only a FaDO that runs knows.
   */
  readonly state: 'ok' | 'missing' | 'not needed' | 'not asked' | 'broken'
  readonly detail: string
  readonly cure: string | null
}

export type DoctorOptions = {
  readonly config: Config
  readonly env: Readonly<Record<string, string | undefined>>
  readonly print: (text: string) => void
  readonly asJson: boolean
}

const root = path.resolve(import.meta.dirname, '../..')
const neededNode = 24
const fleetTimeoutMs = 5_000

const ok = (part: string, detail: string): Finding => ({ part, state: 'ok', detail, cure: null })
const broken = (part: string, detail: string, cure: string | null): Finding => ({ part, state: 'broken', detail, cure })
const reason = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && typeof error.code === 'string' && error.name === 'Error'
    ? fileFailure(error)
    : error.message
}

function node(): Finding {
  const major = Number(process.versions.node.split('.')[0])
  if (major >= neededNode) return ok('Node', process.version)
  return broken('Node', process.version, `install Node ${neededNode}, or run npm run setup, which brings it`)
}

function tool(name: ToolName, { databaseUrl }: Config, env: DoctorOptions['env']): Finding {
  const { title, cure, variable } = tools[name]
  const found = findTool(name, env)
  if (found !== undefined) return ok(title, found)
  if (databaseUrl !== undefined)
    return { part: title, state: 'not needed', detail: 'not found; only the demo needs it here', cure: null }
  const detail = env[variable] ? `${variable} names no program` : 'not found; only the demo needs it here'
  return { part: title, state: 'missing', detail, cure: `npm run setup demo; else ${cure}` }
}

async function stateDirectory({ stateDir }: Config): Promise<Finding> {
  try {
    await mkdir(stateDir, { recursive: true })
    await access(stateDir, constants.R_OK | constants.W_OK | constants.X_OK)
    return ok('state directory', stateDir)
  } catch (error) {
    const cure = 'make it yours, or set FADO_STATE_DIR to another directory'
    return broken('state directory', `${stateDir} (${reason(error)})`, cure)
  }
}

async function secretKey({ secretKey: given, stateDir }: Config, demoRuns: boolean): Promise<Finding> {
  const part = 'secret key'
  const file = path.join(stateDir, ...(demoRuns ? ['demo'] : []), 'secret.key')
  try {
    if (given !== undefined) {
      parseSecretKey(given)
      return ok(part, 'FADO_SECRET_KEY')
    }
    const found = await stat(file).catch(() => undefined)
    if (found === undefined) return ok(part, `made at the first start, in ${file}`)
    parseSecretKey((await readFile(file, 'utf8')).trim())
    if ((found.mode & 0o077) === 0) return ok(part, file)
    return broken(part, `${file} can be read by others`, `chmod 600 ${file}`)
  } catch (error) {
    const cure = "restore it from a backup: without it the stores' credentials in the database cannot be read"
    return broken(part, reason(error), cure)
  }
}

/** All that a start would refuse is tried. */
async function database({ databaseUrl, databaseConnections }: Config): Promise<Finding> {
  const part = 'PostgreSQL'
  try {
    if (databaseUrl !== undefined) {
      const { version, connectionLimit, connectionsUsed } = await requireServer(databaseUrl, databaseConnections)
      const room = `${connectionsUsed} of ${connectionLimit} connections in use, FaDO takes up to ${databaseConnections}`
      return ok(part, `${version}, named by DATABASE_URL; UTF8; sessions last; ${room}`)
    }
    await findBinaries(undefined)
    return ok(part, 'embedded: DATABASE_URL is not set')
  } catch (error) {
    const saysWhatToDo = error instanceof FadoError && error.code === 'VALIDATION_FAILED'
    const cure = saysWhatToDo ? null : 'start the server, correct DATABASE_URL, or unset it for the embedded one'
    return broken(part, reason(error), cure)
  }
}

async function consoleBuild(): Promise<Finding> {
  const part = 'console'
  const file = path.join(root, '.next/BUILD_ID')
  const id = await readFile(file, 'utf8').catch(() => undefined)
  return id === undefined
    ? broken(part, 'not built', 'npm run setup start builds it; so do npm start and npm run demo')
    : ok(part, `build ${id.trim()}`)
}

const isDemoRunning = ({ stateDir }: Config): Promise<boolean> =>
  access(demoFileIn(stateDir)).then(
    () => true,
    () => false,
  )

/** Whether a FaDO serves there; it says so at /healthz. */
const isFado = async ({ http }: Config): Promise<boolean> =>
  fetch(`${urlOf(http.address, http.port)}/healthz`, { signal: AbortSignal.timeout(2_000) }).then(
    async (answer) => {
      await answer.body?.cancel()
      return answer.headers.get('server') === serverName
    },
    () => false,
  )

/** Of one that runs, its Envoy beside it. */
const ownPorts = ({ http, xds, ingress, envoyAdminPort, mover }: Config) =>
  new Set([http.port, xds.port, ingress.port, envoyAdminPort, mover.port])

async function ports(config: Config, demoRuns: boolean): Promise<Finding> {
  const part = 'ports'
  if (demoRuns) return ok(part, 'in use by the demo that runs')
  const running = await isFado(config)
  const own = ownPorts(config)
  const server = [
    { port: config.http.port, use: 'console and API' },
    { port: config.xds.port, use: 'xDS' },
  ]
  const uses = config.databaseUrl === undefined ? portUses(demoPorts(config)) : server
  const problems = await Promise.all(
    uses.map(async ({ port, use }) => {
      const problem = await portProblem('127.0.0.1', port)
      if (problem === undefined || (running && own.has(port))) return []
      return [`${port} (${use}) ${problem === 'EADDRINUSE' ? 'is taken' : problem}`]
    }),
  )
  const taken = problems.flat()
  const all = uses.map(({ port }) => port).join(', ')
  if (taken.length === 0) return ok(part, running ? `${all}; FaDO runs on ${config.http.port}` : all)
  return broken(part, taken.join(', '), 'stop what uses them, or move them: FADO_HTTP_PORT ..., FADO_DEMO_PORT_BASE')
}

/** Only the FaDO that commands speak to can tell, and it may be away. */
async function asked(
  config: Config,
  part: string,
  look: (api: Api, part: string) => Promise<Finding>,
): Promise<Finding> {
  try {
    const target = await findTarget({ server: config.url, token: config.token }, config)
    return await look(createApi({ ...target, signal: AbortSignal.timeout(fleetTimeoutMs) }), part)
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error
    return { part, state: 'not asked', detail: error.message, cure: null }
  }
}

/** What the probes of the FaDO that commands speak to find. Whether a store or an Envoy reaches FaDO is not seen from here. */
const fleet = (config: Config): Promise<Finding> =>
  asked(config, 'stores and functions', async (api, part) => {
    const clusters = await loadClusters(api)
    const stores = clusters.flatMap(({ storageDeployments }) => storageDeployments)
    const functions = clusters.flatMap(({ faasDeployments }) => faasDeployments)
    const isDown = ({ health }: (typeof stores | typeof functions)[number]) => health.status === 'UNHEALTHY'
    const ill = [
      ...stores
        .filter((store) => isDown(store) || isInTrouble(store))
        .map((one) => `${one.name} ${storeStateText(one)}`),
      ...functions.filter(isDown).map(({ url, health }) => `${url} ${healthText(health)}`),
      ...refusingOf(functions.filter((one) => !isDown(one))),
    ]
    const unchecked = uncheckedOf(stores, functions)
    const seen = `${counted(stores.length, 'store')}, ${counted(functions.length, 'function deployment')}, as FaDO probes them`
    const silent = stores.filter(({ events }) => events.state === 'SILENT')
    if (ill.length === 0 && unchecked.length === 0 && silent.length === 0) return ok(part, seen)
    if (ill.length === 0 && silent.length > 0) {
      const names = silent.map(({ name }) => name).join(', ')
      const cure = `fado store events ${silent[0]?.name}`
      return { part, state: 'ok', detail: `${seen}; ${names} changed and did not tell, so looks are frequent`, cure }
    }
    if (ill.length === 0) {
      const names = unchecked.map(({ name }) => name).join(', ')
      const cure = `fado ${unchecked[0]?.command} --ca-file FILE --no-skip-tls-verify`
      return { part, state: 'ok', detail: `${seen}; the certificate of ${names} is not checked`, cure }
    }
    const cure =
      'see to what is down or in trouble: start it, or correct its address or key (page Clusters of the console)'
    return broken(part, ill.join(', '), cure)
  })

type Fleet = Awaited<ReturnType<typeof loadClusters>>[number]

/** Those that answer their probes and refuse FaDO's key, as words. */
export const refusingOf = (
  functions: readonly Pick<Fleet['faasDeployments'][number], 'url' | 'health' | 'hints'>[],
): string[] =>
  functions.flatMap(({ url, health, hints }) =>
    hints
      .filter((hint) => isReason(hint, 'PLATFORM_REFUSES'))
      .map(({ message }) => `${url} ${health.status}, in trouble (${message})`),
  )

/** Those whose certificate is not checked, and the command that changes each. */
export function uncheckedOf(
  stores: readonly Pick<Fleet['storageDeployments'][number], 'name' | 'hints'>[],
  functions: readonly Pick<Fleet['faasDeployments'][number], 'id' | 'url' | 'hints'>[],
) {
  const all = [
    ...stores.map(({ name, hints }) => ({ name, hints, command: `store update ${name}` })),
    ...functions.map(({ id, url: name, hints }) => ({ name, hints, command: `function update ${id}` })),
  ]
  return all.filter(({ hints }) => hints.some((hint) => isReason(hint, 'CERTIFICATE_UNCHECKED')))
}

/** Whether something moves what copies lack. */
const movers = (config: Config): Promise<Finding> =>
  asked(config, 'movers', async (api, part) => linksFinding(part, await loadLinks(api)))

type Served = Pick<Link, 'movers' | 'copies'> & Record<'from' | 'to', { readonly name: string }>

export function linksFinding(part: string, links: readonly Served[]): Finding {
  const unserved = links.filter(isUnserved)
  if (unserved.length === 0)
    return ok(part, `each of ${counted(links.length, 'link')} has one, or no copy that needs one`)
  const names = listOf(unserved.map(({ from, to }) => `${from.name} -> ${to.name}`))
  const detail = `none serves ${names}: what changes does not come to the copies there`
  return broken(part, detail, 'start one: fado serve --role mover, with these links among its --links, or without')
}

/** Whether each bucket lets in somebody. */
const callers = (config: Config): Promise<Finding> =>
  asked(config, 'callers', async (api, part) => {
    const { buckets } = await api.run(CliClosedBucketsDocument, {})
    return callersFinding(
      part,
      buckets.nodes.map(({ name }) => name),
      buckets.totalCount,
    )
  })

/** `some`: the first of those on which nobody may call, by name. */
export function callersFinding(part: string, some: readonly string[], total: number): Finding {
  if (total === 0) return ok(part, 'no bucket lacks those whom its policy callers names')
  const cure = 'name others: fado policy set callers=NAME --bucket BUCKET; or create one anew: fado caller create NAME'
  return broken(part, `${listOf(some, 5, total)}: ${nobodyMayCall}`, cure)
}

export async function examine({ config, env }: Pick<DoctorOptions, 'config' | 'env'>): Promise<Finding[]> {
  const demoRuns = await isDemoRunning(config)
  return Promise.all([
    node(),
    stateDirectory(config),
    secretKey(config, demoRuns),
    database(config),
    consoleBuild(),
    ports(config, demoRuns),
    fleet(config),
    movers(config),
    callers(config),
    tool('envoy', config, env),
    tool('minio', config, env),
  ])
}

/** Exit code 1 when something is broken. */
export async function runDoctor(options: DoctorOptions): Promise<number> {
  const findings = await examine(options)
  const columns = [
    { title: 'PART', of: ({ part }: Finding) => part },
    { title: 'STATE', of: ({ state }: Finding) => state },
    { title: 'WHAT', of: ({ detail }: Finding) => detail },
  ]
  options.print(options.asJson ? json(findings) : table(columns, findings))
  if (!options.asJson) {
    for (const { part, cure } of findings) if (cure !== null) options.print(`${part}: ${cure}`)
  }
  return findings.some(({ state }) => state === 'broken') ? exitCodes.failed : exitCodes.done
}
