// Which processes a FaDO started, kept in files, so that the next start can end what a killed one left running.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startOf } from '../process-table.ts'

const pollMs = 20
/** What does not end in this time after SIGTERM is killed. */
const gentleMs = 3_000

/** Where the parts of one machine's FaDO are noted. */
export const pidDirIn = (stateDir: string): string => path.join(stateDir, 'run')

const fileOf = (dir: string, name: string) => path.join(dir, `${name}.pid`)

/** Notes a process with the time of its start: its number alone may be another program's one day. */
export async function recordPid(dir: string, name: string, pid: number): Promise<void> {
  const started = await startOf(pid)
  if (started === undefined) return
  await mkdir(dir, { recursive: true })
  await writeFile(fileOf(dir, name), `${pid}\n${started}\n`)
}

export const forgetPid = (dir: string, name: string): Promise<void> => rm(fileOf(dir, name), { force: true })

/** Signals a process and all that it started; it leads its own group. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // ESRCH: all of it is gone
  }
}

async function endGroup(pid: number, started: string): Promise<void> {
  const runs = async () => (await startOf(pid)) === started
  if (!(await runs())) return
  signalGroup(pid, 'SIGTERM')
  for (const end = performance.now() + gentleMs; performance.now() < end; await delay(pollMs)) {
    if (!(await runs())) return
  }
  signalGroup(pid, 'SIGKILL')
  while (await runs()) await delay(pollMs)
}

/** Ends every process noted in `dir` that still runs. Only the directory's owner may call this. */
export async function endLeftovers(dir: string): Promise<void> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  await Promise.all(
    names
      .filter((name) => name.endsWith('.pid'))
      .map(async (name) => {
        const file = path.join(dir, name)
        const [pid = '', started = ''] = (await readFile(file, 'utf8')).trim().split('\n')
        if (Number(pid) > 1 && started !== '') await endGroup(Number(pid), started)
        await rm(file, { force: true })
      }),
  )
}
