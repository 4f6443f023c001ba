// `fado serve` as a process, on ports and files of its own.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { startOf } from '../../server/process-table.ts'
import { eventually } from './eventually.ts'
import { freePort } from './free-port.ts'
import { tempDir } from './temp-dir.ts'
import { exchangeText, tellOnFailure } from './world/tell-on-failure.ts'

const root = path.resolve(import.meta.dirname, '../..')

export const serveToken = 'the-token-of-a-test'

/** Resolves when it serves; rejects with exit code and words when it ends before that. */
export async function runServe(
  databaseUrl: string | undefined,
  env: Readonly<Record<string, string>> = {},
  { withToken = true } = {},
) {
  const [http, xds, ingress, figures] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const child = spawn(process.execPath, ['server/main.ts', 'serve'], {
    cwd: root,
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      FADO_STATE_DIR: await tempDir(),
      ...(withToken ? { FADO_TOKEN: serveToken } : {}),
      FADO_HTTP_PORT: String(http),
      FADO_XDS_PORT: String(xds),
      FADO_INGRESS_PORT: String(ingress),
      FADO_MOVER_PORT: String(figures),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let log = ''
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  const gone = once(child, 'exit') as Promise<[number | null, string | null]>
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await gone
  })
  const pid = child.pid ?? 0
  const url = `http://127.0.0.1:${http}`
  const isReady = () => fetch(`${url}/readyz`).then(({ ok }) => ok)
  /** The process of its mover, if there is one now. */
  async function mover(): Promise<number | undefined> {
    const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,ppid=,args='])
    const line = stdout.split('\n').find((text) => {
      const [, parent] = text.trim().split(/\s+/)
      return Number(parent) === pid && text.includes('--role mover')
    })
    return line === undefined ? undefined : Number(line.trim().split(/\s+/)[0])
  }
  /** One mutation or query; its data. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers as they are
  async function ask(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<any> {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${serveToken}` },
      body: JSON.stringify({ query, variables }),
    })
    const { data, errors } = (await response.json()) as { data: unknown; errors?: unknown }
    if (errors) throw new Error(exchangeText({ operation: query, variables, answer: errors }))
    tellOnFailure({ operation: query, variables, answer: data })
    return data
  }
  await eventually(`it serves\n${log}`, async () => child.exitCode !== null || (await isReady()), 60)
  if (child.exitCode !== null) throw new Error(`${child.exitCode} ${log.trim()}`)
  return {
    child,
    gone,
    url,
    /** Where its mover tells its figures. */
    moverUrl: `http://127.0.0.1:${figures}`,
    xdsPort: xds,
    isReady,
    ask,
    log: () => log,
    output: () => output,
    mover: () => eventually('there is a mover', mover),
  }
}

export const untilGone = (pid: number, seconds?: number) =>
  eventually(`${pid} is gone`, async () => (await startOf(pid)) === undefined, seconds)
