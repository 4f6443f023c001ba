import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startOf } from '../../server/process-table.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { freshDatabase } from '../support/postgres.ts'
import { tempDir } from '../support/temp-dir.ts'

const root = path.resolve(import.meta.dirname, '../..')

/** `fado serve` on ports and files of its own. */
async function serve(databaseUrl: string | undefined) {
  const [http, xds, ingress] = await Promise.all([freePort(), freePort(), freePort()])
  const child = spawn(process.execPath, ['server/main.ts', 'serve'], {
    cwd: root,
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      FADO_STATE_DIR: await tempDir(),
      FADO_HTTP_PORT: String(http),
      FADO_XDS_PORT: String(xds),
      FADO_INGRESS_PORT: String(ingress),
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
  const isReady = () => fetch(`http://127.0.0.1:${http}/readyz`).then(({ ok }) => ok)
  /** The process of its mover, if there is one now. */
  async function mover(): Promise<number | undefined> {
    const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,ppid=,args='])
    const line = stdout.split('\n').find((text) => {
      const [, parent] = text.trim().split(/\s+/)
      return Number(parent) === pid && text.includes('--role mover')
    })
    return line === undefined ? undefined : Number(line.trim().split(/\s+/)[0])
  }
  await eventually(`it serves\n${log}`, async () => child.exitCode !== null || (await isReady()), 30)
  if (child.exitCode !== null) throw new Error(`${child.exitCode} ${log.trim()}`)
  return { child, gone, mover: () => eventually('there is a mover', mover), isReady, output: () => output }
}

const untilGone = (pid: number) => eventually(`${pid} is gone`, async () => (await startOf(pid)) === undefined)

test('the link that is printed signs in; the mover that dies is started again, and ends with the control plane', async () => {
  const { child, gone, mover, isReady, output } = await serve(await freshDatabase())
  const first = await mover()
  const [, link, token] = await eventually('the link is printed', () =>
    /(http:\S+)\/sign-in#token=(\S+)/.exec(output()),
  )
  const session = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token }) }
  expect((await fetch(`${link}/api/session`, session)).ok).toBe(true)
  process.kill(first, 'SIGKILL')
  await untilGone(first)
  const second = await mover()
  expect(await isReady()).toBe(true)
  child.kill('SIGTERM')
  expect((await gone)[0]).toBe(0)
  expect(await startOf(second)).toBeUndefined()
})

test('a control plane that is killed takes its mover with it', async () => {
  const { child, gone, mover } = await serve(await freshDatabase())
  const pid = await mover()
  child.kill('SIGKILL')
  await gone
  await untilGone(pid)
})

test('without a DATABASE_URL it brings a PostgreSQL of its own and leaves none behind', async () => {
  const { child, gone, mover } = await serve(undefined)
  await mover()
  child.kill('SIGINT')
  expect((await gone)[0]).toBe(0)
})

test('a wrong DATABASE_URL is one sentence without its password, and exit code 1', async () => {
  const refusal = await serve('postgresql://fado:geheim@127.0.0.1:1/fado').catch((error: Error) => error.message)
  expect(refusal).toMatch(/^1 fado: PostgreSQL cannot be used \(127\.0\.0\.1:1\/fado: .*\): check DATABASE_URL, .*$/)
  expect(refusal).not.toContain('geheim')
})
