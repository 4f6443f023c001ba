import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { startOf } from '../../../server/process-table.ts'
import { freePortBase } from '../../support/run-demo.ts'
import { tempDir } from '../../support/temp-dir.ts'

const root = path.resolve(import.meta.dirname, '../../..')

/** Runs `fado demo` on its own state directory to its end. */
async function demo(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ['server/main.ts', 'demo', '--empty'], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const gone = once(child, 'exit') as Promise<[number | null]>
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await gone
  })
  const [error, [code]] = await Promise.all([text(child.stderr), gone])
  return { code, error: error.trim() }
}

async function listening(port: number) {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

test.for([
  [0, 'console and API'],
  [1, 'xDS'],
  [2, 'ingress'],
  [30, 'store cloud'],
] as const)('a taken port (base + %i, %s) is one sentence, exit code 1, and nothing is left', async ([offset, use]) => {
  const stateDir = await tempDir()
  const base = await freePortBase()
  const port = await listening(base + offset)
  const { code, error } = await demo({ FADO_STATE_DIR: stateDir, FADO_DEMO_PORT_BASE: String(base) })
  expect(code).toBe(1)
  expect(error).toMatch(new RegExp(`^fado: Port ${port} \\(${use}\\) is taken: stop what uses it, or .*$`))
  expect(await readdir(stateDir)).not.toContain('demo.owner')
  expect(await readdir(path.join(stateDir, 'demo'))).toEqual(['fleet'])
})

test('a missing tool is one sentence that says what to install', async () => {
  const { code, error } = await demo({ FADO_STATE_DIR: await tempDir(), FADO_ENVOY_BIN: '/nowhere/envoy' })
  expect({ code, error }).toEqual({
    code: 1,
    error: 'fado: FADO_ENVOY_BIN is /nowhere/envoy, which is not a program that can be run: correct it or unset it.',
  })
})

test('a state directory that is none is one sentence', async () => {
  const file = path.join(await tempDir(), 'state')
  await writeFile(file, '')
  const { code, error } = await demo({ FADO_STATE_DIR: file })
  expect(code).toBe(1)
  expect(error).toMatch(
    /^fado: The state directory .*\/state cannot be used \(something else is there\): .*FADO_STATE_DIR.*$/,
  )
})

test('the state of a demo that runs is refused, and is left as it is', async () => {
  const stateDir = await tempDir()
  await mkdir(path.join(stateDir, 'demo'))
  await writeFile(path.join(stateDir, 'demo', 'kept'), '')
  await writeFile(path.join(stateDir, 'demo.owner'), `${process.pid}\n${await startOf(process.pid)}\n`)
  const { code, error } = await demo({ FADO_STATE_DIR: stateDir })
  expect(code).toBe(1)
  expect(error).toMatch(new RegExp(`^fado: Process ${process.pid} runs a FaDO on .*$`))
  expect(await readdir(path.join(stateDir, 'demo'))).toEqual(['kept'])
})

test('a setting that cannot be is one sentence', async () => {
  const { code, error } = await demo({ FADO_STATE_DIR: await tempDir(), FADO_DEMO_PORT_BASE: 'many' })
  expect(code).toBe(1)
  expect(error).toMatch(/^fado: The environment variable FADO_DEMO_PORT_BASE is not usable: .*$/)
})
