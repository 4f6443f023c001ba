// The server that a killed FaDO left behind in a data directory: ended before a new one starts.
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { FadoError } from '../domain/errors.ts'
import { commandOf } from '../process-table.ts'

/** Open transactions are rolled back by a fast shutdown; what does not end in this time is ended without one. */
const fastMs = 10_000
const pollMs = 20

const pidFile = (dir: string) => path.join(dir, 'postmaster.pid')

async function recorded(dir: string): Promise<number | undefined> {
  const text = await readFile(pidFile(dir), 'utf8').catch(() => '')
  const pid = Number(text.split('\n')[0])
  return Number.isInteger(pid) && pid > 0 ? pid : undefined
}

const isPostmaster = async (pid: number, dir: string) => (await commandOf(pid))?.includes(`-D ${dir}`) === true

/** The postmaster of this directory, if it runs. */
export async function runningPostmaster(dir: string): Promise<number | undefined> {
  const pid = await recorded(dir)
  return pid !== undefined && (await isPostmaster(pid, dir)) ? pid : undefined
}

async function ended(pid: number, dir: string, ms: number): Promise<boolean> {
  for (const end = performance.now() + ms; performance.now() < end; await delay(pollMs)) {
    if (!(await isPostmaster(pid, dir))) return true
  }
  return false
}

/** Call it as the directory's owner only. */
export async function endLeftover(dir: string): Promise<void> {
  const pid = await recorded(dir)
  if (pid === undefined) return
  if (!(await isPostmaster(pid, dir))) {
    // Its number may belong to another program by now, and PostgreSQL would then refuse to start.
    if ((await commandOf(pid)) !== undefined) await rm(pidFile(dir), { force: true })
    return
  }
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    process.kill(pid, signal)
    if (await ended(pid, dir, fastMs)) return
  }
  throw new FadoError('IN_USE', `PostgreSQL (process ${pid}) on ${dir} does not end: end it by hand and start again`)
}
