// The demo's files: whose they are, what an earlier run left, and whether there is a fleet in them already.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { FadoError } from '../domain/errors.ts'
import { clearLocalPostgres, endLocalPostgres } from '../postgres/clear.ts'
import { giveUpOwnership, takeOwnership } from '../postgres/owner.ts'
import { unusableStateDirectory } from '../state-directory.ts'
import { endLeftovers, pidDirIn } from '../supervise/pid-files.ts'
import { demoFileIn } from './demo-file.ts'

export type DemoState = {
  /** Logs, notes of processes, demo.json. */
  readonly stateDir: string
  /** What is only the demo's: database, stores, keys. A server of the same checkout has its own. */
  readonly home: string
  readonly postgresDir: string
  /** The fleet was made once: what the user changed since then stays. */
  readonly isSeeded: () => Promise<boolean>
  readonly markSeeded: () => Promise<void>
  /** The fleet that is made from now on has its stores and functions at this start's ports. */
  readonly notePorts: () => Promise<void>
  /** Into a file for this user only, for a mover beside the demo: docs/replication.md names it. Gone with `release`. */
  readonly noteDatabase: (url: string) => Promise<void>
  /** Lets the next demo have the files. */
  readonly release: () => Promise<void>
}

export type DemoStateOptions = {
  readonly stateDir: string
  /** FADO_DEMO_PORT_BASE. */
  readonly portBase: number | undefined
  readonly empty: boolean
  /** Tells what may take long, before it is done. */
  readonly progress: (text: string) => void
}

const portsOf = (base: string) => (base === '' ? 'the usual ports' : `the ports of FADO_DEMO_PORT_BASE=${base}`)
const startAt = (base: string) =>
  `start it ${base === '' ? 'without FADO_DEMO_PORT_BASE' : `with FADO_DEMO_PORT_BASE=${base}`}`

const otherPorts = (home: string, was: string, now: string) =>
  new FadoError(
    'CONFLICT',
    `The fleet in ${home} has its stores and functions at ${portsOf(was)}, and this start would have them at ${portsOf(now)}: ${startAt(was)}, forget that fleet and its objects with --empty, or set FADO_STATE_DIR to another directory`,
  )

/**
 * Takes the files and ends what a killed demo left running. `empty`, and a database without its other half (a user has
 * removed the directory, but root's PostgreSQL lies elsewhere), start from nothing. A fleet whose stores and functions
 * have other ports than this start is refused with CONFLICT: each call would end with 503.
 */
export async function openDemoState({ stateDir, portBase, empty, progress }: DemoStateOptions): Promise<DemoState> {
  const home = path.join(stateDir, 'demo')
  const postgresDir = path.join(home, 'postgres')
  const markFile = path.join(home, 'fleet')
  const databaseFile = path.join(home, 'database-url')
  const portsFile = path.join(home, 'port-base')
  const ports = String(portBase ?? '')
  const readNote = (file: string) =>
    readFile(file, 'utf8').then(
      (text) => text.trim(),
      () => undefined,
    )
  const readMark = () => readNote(markFile)

  async function prepare() {
    await endLeftovers(pidDirIn(stateDir))
    await endLocalPostgres(postgresDir)
    await rm(demoFileIn(stateDir), { force: true })
    await rm(databaseFile, { force: true })
    const found = (await readMark()) !== undefined
    const was = await readNote(portsFile)
    if (!empty && found && was !== undefined && was !== ports) throw otherPorts(home, was, ports)
    if (empty && found) progress('forgetting the fleet of the last run, with the objects in its stores')
    if (empty || !found) {
      await clearLocalPostgres(postgresDir)
      await rm(home, { recursive: true, force: true })
    }
    await mkdir(home, { recursive: true, mode: 0o711 }) // PostgreSQL may run as another user and must get through
    if ((await readMark()) === undefined) await writeFile(markFile, 'made\n')
  }

  try {
    await mkdir(stateDir, { recursive: true })
    await takeOwnership(home)
    await prepare().catch(async (error: unknown) => {
      await giveUpOwnership(home)
      throw error
    })
  } catch (error) {
    throw error instanceof FadoError ? error : unusableStateDirectory(stateDir, error)
  }
  return {
    stateDir,
    home,
    postgresDir,
    isSeeded: async () => (await readMark()) === 'seeded',
    markSeeded: () => writeFile(markFile, 'seeded\n'),
    notePorts: () => writeFile(portsFile, `${ports}\n`),
    noteDatabase: (url) => writeFile(databaseFile, `${url}\n`, { mode: 0o600 }),
    async release() {
      await rm(databaseFile, { force: true })
      await giveUpOwnership(home)
    },
  }
}
