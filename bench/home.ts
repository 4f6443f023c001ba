import { chmod, mkdtemp } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

/** A directory for a FaDO and its PostgreSQL, whose user can pass: else its files would lie elsewhere, and stay. */
export async function makeHome(): Promise<string> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'fado-bench-'))
  await chmod(dir, 0o711)
  return dir
}
