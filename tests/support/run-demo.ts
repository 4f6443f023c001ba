// A demo of its own for tests: own state directory, own ports.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import type { DemoFile } from '../../server/demo/demo-file.ts'
import { isFree, lane, lanes } from './free-port.ts'

export type { DemoFile }

/** Where a demo runs: its files and ports. */
export type DemoPlace = { readonly state: string; readonly portBase: number }

export type Demo = {
  /** Path of its demo.json. */
  readonly file: string
  /** What it has printed, the last of it. */
  readonly output: () => string
  /** What its control plane could not do and has an id for, as its log has it. */
  readonly errors: () => readonly string[]
  /** Its demo.json as it is now: pids change when parts are restarted. */
  readonly read: () => DemoFile
  /** Ends it as Ctrl-C does, removes its files, and resolves with its exit code. */
  readonly stop: () => Promise<number>
  /** Ends its supervisor as a power cut would; the files stay, for another start in the same place. */
  readonly kill: () => Promise<void>
}

const root = path.resolve(import.meta.dirname, '../..')
const startMs = 120_000
const stopMs = 15_000
const pollMs = 50
const portsOfDemo = 100
/** A killed demo leaves its demo.json: the file alone does not say that the next one is up. */
const readyLine = 's  ready\n'

/** A hundred free ports in a row, below those that the system gives to clients. */
export async function freePortBase(): Promise<number> {
  for (;;) {
    const base = 10_000 + portsOfDemo * (lanes * Math.floor(Math.random() * 50) + lane)
    const free = await Promise.all(Array.from({ length: portsOfDemo }, (_, i) => isFree(base + i)))
    if (free.every(Boolean)) return base
  }
}

const readDemoFile = (file: string): DemoFile => JSON.parse(readFileSync(file, 'utf8')) as DemoFile

export async function newDemoPlace(): Promise<DemoPlace> {
  const state = await mkdtemp(path.join(tmpdir(), 'fado-demo-'))
  await chmod(state, 0o711) // as root PostgreSQL runs as a user who must get through
  return { state, portBase: await freePortBase() }
}

/** Starts `fado demo` with the given arguments and waits until it says that all is up. */
export const runDemo = async (...args: readonly string[]): Promise<Demo> => runDemoAt(await newDemoPlace(), ...args)

function spawnDemo({ state, portBase }: DemoPlace, args: readonly string[]) {
  return spawn(process.execPath, ['server/main.ts', 'demo', ...args], {
    cwd: root,
    env: { ...process.env, FADO_STATE_DIR: state, FADO_DEMO_PORT_BASE: String(portBase) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a Ctrl-C in our terminal is for the test runner, which then stops the demo
  })
}

/** `fado demo --check`, to its end; its files stay. */
export async function checkDemoAt(place: DemoPlace): Promise<{ readonly code: number; readonly output: string }> {
  const child = spawnDemo(place, ['--check'])
  const late = setTimeout(() => child.kill('SIGINT'), startMs)
  const exited = once(child, 'exit')
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)])
  clearTimeout(late)
  return { code: Number((await exited)[0] ?? 1), output: out + error }
}

export async function runDemoAt(place: DemoPlace, ...args: readonly string[]): Promise<Demo> {
  const { state } = place
  const file = path.join(state, 'demo.json')
  const child = spawnDemo(place, args)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output = (output + chunk).slice(-10_000)
    })
  }
  const exited = once(child, 'exit').then(([code]) => Number(code ?? 1))
  const isRunning = () => child.exitCode === null && child.signalCode === null
  const stop = async () => {
    child.kill('SIGINT')
    const late = setTimeout(() => child.kill('SIGKILL'), stopMs)
    const code = await exited
    clearTimeout(late)
    await rm(state, { recursive: true, force: true })
    return code
  }
  const kill = async () => {
    child.kill('SIGKILL')
    await exited
  }
  const isUp = () => {
    try {
      return output.includes(readyLine) && readDemoFile(file).pids.server > 0
    } catch {
      return false
    }
  }
  for (const end = performance.now() + startMs; !isUp(); await delay(pollMs)) {
    if (isRunning() && performance.now() < end) continue
    await stop()
    throw new Error(`the demo did not start:\n${output}`)
  }
  const errors = () => readFileSync(path.join(state, 'logs', 'server.log'), 'utf8').match(/^.*"errorId":.*$/gm) ?? []
  return { file, output: () => output, errors, read: () => readDemoFile(file), stop, kill }
}
