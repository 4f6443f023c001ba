// Who runs PostgreSQL, and where its files may lie. PostgreSQL refuses to run as root: there it runs as the system's
// user `postgres`, who can reach neither a checkout nor data below a directory such as /root (mode 700).
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { realpath, stat } from 'node:fs/promises'
import { userInfo } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { FadoError } from '../domain/errors.ts'

const run = promisify(execFile)

/** Undefined: PostgreSQL runs as we do. */
export type Account = { readonly uid: number; readonly gid: number } | undefined

/** Where root keeps what the user `postgres` must reach and cannot reach in its wanted place. */
const sharedRoot = '/var/lib/fado'

const lookUp = async (): Promise<Account> => {
  const ids = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'postgres'])))
  const [uid, gid] = ids.map(({ stdout }) => Number(stdout))
  return uid === undefined || gid === undefined ? undefined : { uid, gid }
}

/** The account that PostgreSQL runs under; as root the user `postgres` is made when it is missing. */
export async function findAccount(): Promise<Account> {
  if (userInfo().uid !== 0) return undefined
  try {
    return await lookUp().catch(async () => {
      await run('useradd', ['--system', '--user-group', '--shell', '/usr/sbin/nologin', 'postgres'])
      return lookUp()
    })
  } catch (cause) {
    throw new FadoError(
      'UNREACHABLE',
      'PostgreSQL cannot run as root and its user `postgres` could not be made: create that user or run FaDO as another one',
      { cause },
    )
  }
}

/** The path with the symbolic links of its existing part resolved, so that one place has one name. */
async function canonical(file: string): Promise<string> {
  const absolute = path.resolve(file)
  const parent = path.dirname(absolute)
  if (parent === absolute) return absolute
  return realpath(absolute).catch(async () => path.join(await canonical(parent), path.basename(absolute)))
}

/** Whether every existing directory on the way to `file` (which counts itself) lets other users through. */
export async function reachable(file: string): Promise<boolean> {
  for (let dir = path.resolve(file); ; dir = path.dirname(dir)) {
    const mode = await stat(dir).then(
      (found) => found.mode,
      () => undefined,
    )
    if (mode !== undefined && (mode & 0o001) === 0) return false
    if (dir === path.dirname(dir)) return true
  }
}

/** Where a file of PostgreSQL's goes: where it was wanted, else under /var/lib/fado by a name that no other place shares. */
export async function placeFor(wanted: string, account: Account): Promise<string> {
  const file = await canonical(wanted)
  if (account === undefined || (await reachable(path.dirname(file)))) return file
  const digest = createHash('sha256').update(file).digest('hex').slice(0, 12)
  return path.join(sharedRoot, `${path.basename(file)}-${digest}`)
}
