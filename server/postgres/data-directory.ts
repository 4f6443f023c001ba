// The data directory: made whole or not at all, looked at before PostgreSQL is, with a sentence for what is wrong with it.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { FadoError } from '../domain/errors.ts'
import type { Account } from './account.ts'
import { majorVersion } from './binaries.ts'
import { endLeftover, runningPostmaster } from './leftover.ts'
import { giveUpOwnership, takeOwnership } from './owner.ts'

const run = promisify(execFile)

export type DataDirectory = { readonly dir: string; readonly account: Account; readonly binaries: string }

/** The superuser of a local server. */
export const localUser = 'fado'

/** In the data directory, so that the two cannot be parted. */
const passwordFile = (dir: string) => path.join(dir, 'fado-password')

const unreadable = (dir: string, cause: unknown) =>
  new FadoError(
    'UNREACHABLE',
    `The data directory ${dir} cannot be used (${(cause as NodeJS.ErrnoException).code ?? cause}): give it back to the user who made it, or set FADO_STATE_DIR to another directory`,
    { cause },
  )

/** Refuses what PostgreSQL would refuse, in words that say what to do. */
async function inspect({ dir, account }: DataDirectory): Promise<void> {
  const found = await stat(dir)
  if (!found.isDirectory()) throw unreadable(dir, 'it is not a directory')
  const uid = account?.uid ?? process.getuid?.()
  if (uid !== undefined && found.uid !== uid) throw unreadable(dir, `it belongs to user ${found.uid}, not ${uid}`)
  if ((found.mode & 0o700) !== 0o700 || (found.mode & 0o027) !== 0) {
    throw unreadable(dir, `its mode is ${(found.mode & 0o777).toString(8)}, not 700`)
  }
  const version = await readFile(path.join(dir, 'PG_VERSION'), 'utf8').catch((cause: unknown) => {
    throw unreadable(dir, cause)
  })
  if (version.trim() !== String(majorVersion)) {
    throw new FadoError(
      'UNSAFE',
      `The data directory ${dir} was made by PostgreSQL ${version.trim()} and this FaDO brings ${majorVersion}: dump it with the FaDO that made it, or set FADO_STATE_DIR to another directory`,
    )
  }
}

/** A killed initdb leaves half a directory: it works under another name, and only a whole one gets the real name. */
async function initialise({ dir, account, binaries }: DataDirectory): Promise<void> {
  const half = `${dir}.new`
  const secret = `${dir}.new-password`
  await rm(half, { recursive: true, force: true })
  await mkdir(half, { recursive: true, mode: 0o700 })
  await writeFile(secret, `${randomBytes(18).toString('base64url')}\n`, { mode: 0o600 })
  if (account !== undefined) for (const file of [half, secret]) await chown(file, account.uid, account.gid)
  const flags = [
    `--pgdata=${half}`,
    `--username=${localUser}`,
    `--pwfile=${secret}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync', // there is nothing yet that could be lost; the server itself syncs
  ]
  await run(path.join(binaries, 'initdb'), flags, { ...account, cwd: '/', env: postgresEnvironment })
  await rename(secret, passwordFile(half))
  await rename(half, dir)
}

/**
 * PostgreSQL's programs read PG* and locale variables: they get ours, not those of whoever started us. NODE_ENV is there
 * because Next's types demand it of every environment.
 */
export const postgresEnvironment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', NODE_ENV: 'production' } as const

const isMissing = (dir: string) =>
  readdir(dir).then(
    (names) => names.length === 0,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return true
      throw error
    },
  )

async function claim(dir: string): Promise<void> {
  await mkdir(path.dirname(dir), { recursive: true })
  const before = await takeOwnership(dir)
  if (before === 'mine' && (await runningPostmaster(dir)) !== undefined) {
    throw new FadoError('IN_USE', `This process runs a PostgreSQL on ${dir} already`)
  }
}

async function makeUsable(data: DataDirectory): Promise<string> {
  if (await isMissing(data.dir)) await initialise(data)
  else await inspect(data)
  await endLeftover(data.dir)
  return (await readFile(passwordFile(data.dir), 'utf8')).trim()
}

/** Makes the directory ours and fit for a start, anew when it is missing; returns the superuser's password. */
export async function prepareDataDirectory(data: DataDirectory): Promise<string> {
  const { dir } = data
  try {
    await claim(dir)
    return await makeUsable(data).catch(async (error: unknown) => {
      await giveUpOwnership(dir)
      throw error
    })
  } catch (error) {
    throw error instanceof FadoError ? error : unreadable(dir, error)
  }
}
