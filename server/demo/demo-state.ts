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
  /** What an earlier run left was there, and is gone. */
  readonly forgotten: boolean
  /** The fleet was made once: what the user changed since then stays. */
  readonly isSeeded: () => Promise<boolean>
  readonly markSeeded: () => Promise<void>
  /** Lets the next demo have the files. */
  readonly release: () => Promise<void>
}

/**
 * Takes the files and ends what a killed demo left running. `empty`, and a database without its other half (a user has
 * removed the directory, but root's PostgreSQL lies elsewhere), start from nothing.
 */
export async function openDemoState(stateDir: string, empty: boolean): Promise<DemoState> {
  const home = path.join(stateDir, 'demo')
  const postgresDir = path.join(home, 'postgres')
  const markFile = path.join(home, 'fleet')
  const readMark = () =>
    readFile(markFile, 'utf8').then(
      (text) => text.trim(),
      () => undefined,
    )

  async function prepare() {
    await endLeftovers(pidDirIn(stateDir))
    await endLocalPostgres(postgresDir)
    await rm(demoFileIn(stateDir), { force: true })
    const found = (await readMark()) !== undefined
    if (empty || !found) {
      await clearLocalPostgres(postgresDir)
      await rm(home, { recursive: true, force: true })
    }
    await mkdir(home, { recursive: true, mode: 0o711 }) // PostgreSQL may run as another user and must get through
    if ((await readMark()) === undefined) await writeFile(markFile, 'made\n')
    return empty && found
  }

  let forgotten: boolean
  try {
    await mkdir(stateDir, { recursive: true })
    await takeOwnership(home)
    forgotten = await prepare().catch(async (error: unknown) => {
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
    forgotten,
    isSeeded: async () => (await readMark()) === 'seeded',
    markSeeded: () => writeFile(markFile, 'seeded\n'),
    release: () => giveUpOwnership(home),
  }
}
