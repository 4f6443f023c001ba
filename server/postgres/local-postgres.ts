// A real PostgreSQL of our own, for when no DATABASE_URL is given: installed by npm, loopback only, data in one directory.
// It outlives neither stop() nor, for long, a killed FaDO: the next start on the directory ends what was left and recovers.
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { FadoError } from '../domain/errors.ts'
import { findAccount, placeFor } from './account.ts'
import { findBinaries } from './binaries.ts'
import { type DataDirectory, localUser, postgresEnvironment, prepareDataDirectory } from './data-directory.ts'
import { giveUpOwnership } from './owner.ts'

export type LocalPostgresOptions = {
  /** Where the data is wanted; for where root really keeps it see `LocalPostgres.dir`. */
  readonly dir: string
  /** Port on 127.0.0.1; 0 takes any free one. */
  readonly port: number
  /** Settings of postgresql.conf, over those here. */
  readonly settings?: Readonly<Record<string, string>>
  /** Gets each line of the server's log. */
  readonly onLog?: (line: string) => void
  /** Gives up a start under way. */
  readonly signal?: AbortSignal
}

export type LocalPostgres = {
  /** Of the database `postgres`, with user and password. */
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly dir: string
  /** Resolves when the server is gone, stopped or not, with what the system says of it and the last lines of its log. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null; readonly log: string }>
  /** Ends the server, open connections too. May be called twice. */
  readonly stop: () => Promise<void>
}

const host = '127.0.0.1'
const defaults = { max_connections: '200', jit: 'off', timezone: 'UTC' }

/** Longest crash recovery that is waited for. */
const startMs = 120_000
/** A killed postmaster's backends hold its shared memory until they notice; that is waited for. */
const orphansMs = 15_000
const stopMs = 10_000
const lastWordsMs = 200
const logChars = 4_000

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, host, () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

type Launched =
  | { readonly outcome: 'ready'; readonly child: ChildProcess; readonly exited: LocalPostgres['exited'] }
  | { readonly outcome: 'ended'; readonly log: string }

/** Runs the server until it takes connections or ends. */
async function launch(data: DataDirectory, port: number, options: LocalPostgresOptions): Promise<Launched> {
  const settings = {
    ...defaults,
    ...options.settings,
    listen_addresses: host,
    unix_socket_directories: '',
    port: String(port),
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  // In its own process group: Ctrl-C in a terminal must reach us first, so that all is closed in order.
  const child = spawn(path.join(data.binaries, 'postgres'), ['-D', data.dir, ...flags], {
    ...data.account,
    cwd: '/',
    env: postgresEnvironment,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  let line = ''
  const ready = Promise.withResolvers<void>()
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-logChars)
    const lines = (line + text).split('\n')
    line = lines.pop() ?? ''
    for (const whole of lines) {
      options.onLog?.(whole)
      if (whole.includes('ready to accept connections')) ready.resolve()
    }
  })
  const exited = new Promise<Awaited<LocalPostgres['exited']>>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, log: error.message }))
    // Its last words may still be in the pipe, which orphaned backends can hold open much longer.
    child.once('exit', (code, signal) => {
      const tell = () => resolve({ code, signal, log })
      child.once('close', tell)
      setTimeout(tell, lastWordsMs).unref()
    })
  })
  const limit = AbortSignal.any([
    AbortSignal.timeout(startMs),
    ...(options.signal === undefined ? [] : [options.signal]),
  ])
  const giveUp = () => child.kill('SIGQUIT')
  limit.addEventListener('abort', giveUp)
  if (limit.aborted) giveUp()
  const ended = await Promise.race([ready.promise, exited])
  limit.removeEventListener('abort', giveUp)
  return ended === undefined ? { outcome: 'ready', child, exited } : { outcome: 'ended', log: ended.log }
}

const portTaken = (log: string) => log.includes('could not bind') || log.includes('Address already in use')

async function launchUntilReady(data: DataDirectory, options: LocalPostgresOptions) {
  for (const deadline = performance.now() + orphansMs; ; await delay(100, undefined, { signal: options.signal })) {
    const port = options.port === 0 ? await freePort() : options.port
    const launched = await launch(data, port, options)
    if (launched.outcome === 'ready') return { ...launched, port }
    options.signal?.throwIfAborted()
    const { log } = launched
    const passing = log.includes('is still in use') || (portTaken(log) && options.port === 0)
    if (passing && performance.now() < deadline) continue
    if (portTaken(log)) {
      throw new FadoError(
        'IN_USE',
        `Port ${port} on ${host} is taken, PostgreSQL cannot listen there: stop what uses it or choose another port`,
      )
    }
    throw new FadoError('UNREACHABLE', `PostgreSQL did not start on ${data.dir}. The end of its log:\n${log.trim()}`)
  }
}

/** Starts the server, making its data directory at the first start. One directory serves one FaDO at a time. */
export async function startLocalPostgres(options: LocalPostgresOptions): Promise<LocalPostgres> {
  options.signal?.throwIfAborted()
  const account = await findAccount()
  const dir = await placeFor(options.dir, account)
  const data: DataDirectory = { dir, account, binaries: await findBinaries(account) }
  const password = await prepareDataDirectory(data)
  const { child, exited, port } = await launchUntilReady(data, options).catch(async (error: unknown) => {
    await giveUpOwnership(dir)
    throw error
  })
  const end = async () => {
    child.kill('SIGINT') // fast shutdown: clients are cut, what was committed is written
    const late = setTimeout(() => child.kill('SIGQUIT'), stopMs)
    await exited
    clearTimeout(late)
    await giveUpOwnership(dir)
  }
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= end()
    return stopping
  }
  const url = `postgresql://${localUser}:${password}@${host}:${port}/postgres`
  return { url, port, pid: child.pid ?? 0, dir, exited, stop }
}
