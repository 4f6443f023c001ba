// A real Envoy for tests, on free ports, told where xDS is. It is stopped with the test that started it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { buildBootstrap, envoyArguments, type XdsTls } from '../../proxy/bootstrap.ts'
import type { WireObject } from '../../proxy/resources/wire.ts'
import { locateTool } from '../../server/tools.ts'
import { freePort } from './free-port.ts'
import { tempDir } from './temp-dir.ts'

export type TestEnvoy = {
  readonly nodeId: string
  readonly admin: string
  readonly pid: number
  /** GET on the admin interface. */
  readonly get: (path: string) => Promise<string>
  /** SIGKILL, and until the process is gone. */
  readonly kill: () => Promise<void>
  readonly log: () => string
}

export type EnvoyOptions = {
  /** Of each control plane. */
  readonly xdsPort: number | readonly number[]
  readonly nodeId?: string
  /** Null: none. */
  readonly token?: string | null
  readonly tls?: XdsTls
  /** The program; default: the version that FaDO is built on. */
  readonly program?: string
  /** Worker threads. */
  readonly concurrency?: number
  /** Changes its bootstrap, e.g. to one of an older FaDO. */
  readonly edit?: (bootstrap: WireObject) => WireObject
}

export async function startEnvoy(options: EnvoyOptions): Promise<TestEnvoy> {
  const { xdsPort, nodeId = 'envoy-1', token = 'test-token', concurrency = 1 } = options
  const dir = await tempDir()
  const admin = await freePort()
  const config = path.join(dir, 'envoy.json')
  const logFile = path.join(dir, 'envoy.log')
  const bootstrap = buildBootstrap({
    nodeId,
    token,
    tls: options.tls ?? null,
    xds: (typeof xdsPort === 'number' ? [xdsPort] : xdsPort).map((port) => ({ address: '127.0.0.1', port })),
    admin: { address: '127.0.0.1', port: admin },
  })
  const { edit = (made) => made } = options
  await writeFile(config, JSON.stringify(edit(bootstrap)), { mode: 0o600 })
  const child = spawn(
    options.program ?? locateTool('envoy', process.env),
    [...envoyArguments(config), '--concurrency', String(concurrency), '-l', 'warn'],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const output = createWriteStream(logFile)
  for (const stream of [child.stdout, child.stderr]) stream.pipe(output, { end: false })
  const log = () => readFileSync(logFile, 'utf8')
  const kill = () => killed(child)
  onTestFinished(async () => {
    await kill()
    output.end()
  })
  const url = `http://127.0.0.1:${admin}`
  const get = async (where: string) => (await fetch(url + where)).text()
  while (!(await get('/server_info').catch(() => ''))) {
    if (child.exitCode !== null) throw new Error(`Envoy ended at once:\n${log()}`)
    await delay(10)
  }
  return { nodeId, admin: url, pid: child.pid ?? 0, get, kill, log }
}

async function killed(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}
