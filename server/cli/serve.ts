// `fado serve`: the control plane in this process, a mover in a child that is started again when it dies.
import { once } from 'node:events'
import path from 'node:path'
import type { WithDatabase } from '../compose/open-state.ts'
import { type Config, urlOf } from '../config.ts'
import { FadoError } from '../domain/errors.ts'
import type { LinkRule } from '../domain/links/served-links.ts'
import { createLog } from '../log.ts'
import { loadAdminToken } from '../secret-files.ts'
import { openStateDirectory } from '../state-directory.ts'
import { tellReady } from '../supervise/die-with-parent.ts'
import { fadoCommand } from '../supervise/fado-command.ts'
import { requirePorts } from '../supervise/free-ports.ts'
import { launchProcess } from '../supervise/launch-process.ts'
import { logToStderr, openLogFile } from '../supervise/log-file.ts'
import type { Part } from '../supervise/part.ts'
import { postgresPart } from '../supervise/postgres-part.ts'
import { createSupervisor, type Supervisor } from '../supervise/supervisor.ts'
import type { Role } from './program.ts'
import { serverSteps } from './serve-steps.ts'
import { leaveAddress } from './server-file.ts'
import type { StopSignals } from './stop-signals.ts'

export type ServeOptions = {
  readonly config: Config
  readonly env: Readonly<Record<string, string | undefined>>
  readonly role: Role
  /** Of a mover: the links that it works on; null: all. */
  readonly links: readonly LinkRule[] | null
  readonly signals: StopSignals
  /** Writes lines for the user. */
  readonly print: (text: string) => void
}

type Stoppable = { readonly stop: () => Promise<void> }

/** Each is loaded by who runs it: a mover shall not pay for console, API and xDS. */
const startControlPlane = async (config: WithDatabase) =>
  (await import('../compose/control-plane.ts')).startControlPlane(config)
const startMover = async (config: WithDatabase, links: ServeOptions['links']) =>
  (await import('../compose/mover.ts')).startMover(config, links)

function moverPart(env: ServeOptions['env'], databaseUrl: string): Part {
  const options = {
    name: 'mover',
    ...fadoCommand('mover'),
    env: { ...env, DATABASE_URL: databaseUrl },
    log: logToStderr,
    ready: 'message' as const,
  }
  // Routes and console are of use without it, so its troubles are not theirs.
  return { name: 'mover', floor: 1, background: true, launch: (signal) => launchProcess(options, signal) }
}

/** The given database, or a PostgreSQL of our own that is kept running. */
async function provideDatabase(
  { databaseUrl, stateDir, postgresPort }: Config,
  supervisor: Supervisor,
): Promise<string> {
  if (databaseUrl !== undefined) return databaseUrl
  await openStateDirectory(stateDir)
  let url = ''
  const onUrl = (made: string) => {
    url = made
  }
  const log = () => openLogFile(path.join(stateDir, 'logs/postgres.log'))
  await supervisor.start([postgresPart({ dir: path.join(stateDir, 'postgres'), port: postgresPort, log, onUrl })])
  return url
}

async function serveAll({ config, env, signals }: ServeOptions): Promise<Stoppable> {
  const log = createLog(config.logLevel, 'serve')
  const onDeath = (part: string, why: string) => log.warn({ part, why }, 'a part ended and is started again')
  const database = createSupervisor({ onDeath })
  const mover = createSupervisor({ onDeath })
  const kill = () => {
    mover.kill()
    database.kill()
  }
  signals.force.addEventListener('abort', kill, { once: true })
  let control: Stoppable | undefined
  // Side by side: what holds up the control plane must not take the mover's time to end in order. A database of our own is
  // the last to go.
  const stop = async () => {
    await Promise.all([control?.stop(), mover.stop()])
    await database.stop()
  }
  try {
    const databaseUrl = await provideDatabase(config, database)
    control = await startControlPlane({ ...config, databaseUrl })
    await mover.start([moverPart(env, databaseUrl)])
    return { stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Processes of one role share a database that each of them can reach. */
function withDatabase(config: Config): WithDatabase {
  const { databaseUrl } = config
  if (databaseUrl !== undefined) return { ...config, databaseUrl }
  throw new FadoError(
    'VALIDATION_FAILED',
    'A process of one role needs DATABASE_URL: the database that all roles share',
  )
}

/** Told before a database is started and changed: the servers listen last. */
async function requireOwnPorts({ http, xds, mover }: Config, role: Role): Promise<void> {
  const ofControl = [
    { ...http, use: 'console and API', variable: 'FADO_HTTP_PORT' },
    { ...xds, use: 'xDS', variable: 'FADO_XDS_PORT' },
  ]
  const ofMover = [{ ...mover, use: 'figures of the mover', variable: 'FADO_MOVER_PORT' }]
  const listens = [...(role === 'mover' ? [] : ofControl), ...(role === 'control' ? [] : ofMover)]
  for (const { address, port, use, variable } of listens)
    if (port !== undefined && port !== 0) await requirePorts([{ port, use }], address, `set ${variable} to another one`)
}

async function start(options: ServeOptions): Promise<Stoppable> {
  await requireOwnPorts(options.config, options.role)
  switch (options.role) {
    case 'all':
      return serveAll(options)
    case 'control':
      return startControlPlane(withDatabase(options.config))
    case 'mover':
      return startMover(withDatabase(options.config), options.links)
  }
}

/** Commands of this directory find the API; resolves to what takes that back. A mover has none. */
async function beFound({ config: { stateDir, http }, role }: ServeOptions): Promise<() => Promise<void>> {
  if (role === 'mover' || http.port === 0) return async () => undefined
  return leaveAddress(stateDir, `${urlOf(http.address, http.port)}/graphql`)
}

/** Resolves to the exit code when all is stopped again. */
export async function serve(options: ServeOptions): Promise<number> {
  const running = await start(options)
  const leave = await beFound(options)
  tellReady()
  if (options.role === 'all')
    options.print(
      serverSteps({ ...options, token: await loadAdminToken(options.config), isTerminal: process.stdout.isTTY }),
    )
  const { stop } = options.signals
  if (!stop.aborted) await once(stop, 'abort')
  await leave()
  await running.stop()
  return 0
}
