// The local PostgreSQL as a part that is kept running: the same port and address after each restart.
import { startLocalPostgres } from '../postgres/local-postgres.ts'
import type { LogFile } from './log-file.ts'
import type { Part, Running } from './part.ts'

export type PostgresPartOptions = {
  /** Where its data is wanted. */
  readonly dir: string
  /** 0: a free one, kept from then on. */
  readonly port: number
  readonly log: () => LogFile
  /** Called with the address (it holds the password) once the server is up for the first time. */
  readonly onUrl: (url: string) => void
}

export function postgresPart({ dir, port, log: openLog, onUrl }: PostgresPartOptions): Part {
  let url: string | undefined
  let fixedPort = port

  async function launch(signal: AbortSignal): Promise<Running> {
    const log = openLog()
    const onLog = (line: string) => log.write(`${line}\n`)
    const server = await startLocalPostgres({ dir, port: fixedPort, onLog, signal }).catch((error: unknown) => {
      log.close()
      throw error
    })
    const exited = server.exited.finally(log.close)
    if (url === undefined) {
      fixedPort = server.port
      url = server.url
      onUrl(url)
    }
    const kill = () => {
      try {
        process.kill(server.pid, 'SIGQUIT') // immediate: no clean-up, the next start recovers
      } catch {
        // it is gone
      }
    }
    return { pid: server.pid, ready: Promise.resolve(), exited, stop: server.stop, kill }
  }
  return { name: 'postgres', floor: 0, launch }
}
