// A server in a process of its own, for as long as a bench asks it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'
import { locateTool } from '../server/tools.ts'

export type ServerProcess = { readonly pid: number; readonly stop: () => Promise<void> }

const startMs = 60_000

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

/** `config`: what it is told in a file, whose path `args` puts where it belongs. */
async function startServer(
  tool: 'envoy' | 'caddy',
  config: unknown,
  args: (file: string) => readonly string[],
): Promise<ServerProcess> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'fado-bench-'))
  const file = path.join(dir, 'config.json')
  await writeFile(file, JSON.stringify(config), { mode: 0o600 })
  const env = { ...process.env, XDG_CONFIG_HOME: dir, XDG_DATA_HOME: dir }
  const child = spawn(locateTool(tool, process.env), args(file), { env, stdio: 'ignore' })
  return {
    pid: child.pid ?? 0,
    async stop() {
      await ended(child)
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** One worker, so that what it does for a call shows in how many it takes. */
export const startEnvoy = (bootstrap: unknown): Promise<ServerProcess> =>
  startServer('envoy', bootstrap, (file) => [
    ...['-c', file, '--use-dynamic-base-id', '--concurrency', '1'],
    ...['-l', 'error', '--drain-time-s', '1'],
  ])

export const startCaddy = (config: unknown): Promise<ServerProcess> =>
  startServer('caddy', config, (file) => ['run', '--config', file])

/** Until a call of that bucket is answered with 200. */
export async function answers(port: number, bucket: string, authorization?: string): Promise<void> {
  const headers = { 'x-fado-bucket': bucket, ...(authorization ? { authorization } : {}) }
  for (const end = performance.now() + startMs; performance.now() < end; await delay(20)) {
    const answer = await request(`http://127.0.0.1:${port}/function/f`, { headers }).catch(() => null)
    await answer?.body.dump()
    if (answer?.statusCode === 200) return
  }
  throw new Error(`port ${port} does not answer the calls of ${bucket} after ${startMs / 1000} s`)
}
