import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startLocalPostgres } from '../../server/postgres/local-postgres.ts'

/** The data lives as long as the server: nothing has to survive a power cut. */
const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

/** An empty PostgreSQL in a temporary directory, both gone after stop(). */
export async function startThrowAwayPostgres(): Promise<{ url: string; stop: () => Promise<void> }> {
  const home = await mkdtemp(path.join(tmpdir(), 'fado-postgres-'))
  await chmod(home, 0o711) // as root PostgreSQL runs as a user who must get through
  const server = await startLocalPostgres({ dir: path.join(home, 'data'), port: 0, settings })
  const stop = async () => {
    await server.stop()
    await rm(server.dir, { recursive: true, force: true })
    await rm(home, { recursive: true, force: true })
  }
  return { url: server.url, stop }
}
