// What FaDO needs on this machine.
import { access, constants, mkdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { type Config, urlOf } from '../config.ts'
import { requireServer } from '../db/core/require-server.ts'
import { demoFileIn } from '../demo/demo-file.ts'
import { demoPorts, portUses } from '../demo/demo-ports.ts'
import { FadoError } from '../domain/errors.ts'
import { fileFailure } from '../file-failure.ts'
import { serverName } from '../http/respond.ts'
import { findBinaries } from '../postgres/binaries.ts'
import { parseSecretKey } from '../secrets.ts'
import { portProblem } from '../supervise/free-ports.ts'
import { findTool, type ToolName, tools } from '../tools.ts'
import { broken, type Found, notAsked, ok } from './finding.ts'

type Environment = Readonly<Record<string, string | undefined>>

const root = path.resolve(import.meta.dirname, '../..')
const neededNode = 24

const reason = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && typeof error.code === 'string' && error.name === 'Error'
    ? fileFailure(error)
    : error.message
}

function node(): Found {
  const major = Number(process.versions.node.split('.')[0])
  if (major >= neededNode) return ok('Node', process.version)
  return broken('Node', process.version, `install Node ${neededNode}, or run npm run setup, which brings it`)
}

function tool(name: ToolName, { databaseUrl }: Config, env: Environment): Found {
  const { title, cure, variable } = tools[name]
  const found = findTool(name, env)
  if (found !== undefined) return ok(title, found)
  if (databaseUrl !== undefined)
    return { part: title, state: 'not needed', detail: 'not found; only the demo needs it here', cure: null }
  const detail = env[variable] ? `${variable} names no program` : 'not found; only the demo needs it here'
  return { part: title, state: 'missing', detail, cure: `npm run setup demo; else ${cure}` }
}

async function stateDirectory({ stateDir }: Config): Promise<Found> {
  try {
    await mkdir(stateDir, { recursive: true })
    await access(stateDir, constants.R_OK | constants.W_OK | constants.X_OK)
    return ok('state directory', stateDir)
  } catch (error) {
    const cure = 'make it yours, or set FADO_STATE_DIR to another directory'
    return broken('state directory', `${stateDir} (${reason(error)})`, cure)
  }
}

async function secretKey({ secretKey: given, stateDir }: Config, demoRuns: boolean): Promise<Found> {
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
async function database({ databaseUrl, databaseConnections }: Config): Promise<Found> {
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

async function consoleBuild(): Promise<Found> {
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

async function ports(config: Config, demoRuns: boolean): Promise<Found> {
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

export async function examineMachine(config: Config, env: Environment): Promise<Found[]> {
  const demoRuns = await isDemoRunning(config)
  return Promise.all([
    node(),
    stateDirectory(config),
    secretKey(config, demoRuns),
    database(config),
    consoleBuild(),
    ports(config, demoRuns),
    tool('envoy', config, env),
    tool('minio', config, env),
  ])
}

/** Of a machine that only has the commands, and perhaps a FaDO that is not asked. */
export const examineClient = (): Found[] => [
  node(),
  notAsked('all else', 'another FaDO is named: without --server and FADO_URL this machine is looked at'),
]
