// Starts one part as a process of its own group: a terminal's Ctrl-C reaches us only, and we stop the parts in order.
import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { FadoError } from '../domain/errors.ts'
import { dyingWithUs, readyMessage } from './die-with-parent.ts'
import type { LogFile } from './log-file.ts'
import { describeExit, type Exit, type Running } from './part.ts'
import { forgetPid, recordPid, signalGroup } from './pid-files.ts'

export type ProcessOptions = {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** All of it: nothing is inherited. Secrets go here, not into `args`. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where its output goes; opened once per start. */
  readonly log: () => LogFile
  /** Where the process is noted, for a later start to find it; undefined: nowhere. */
  readonly pidDir?: string
  /** `message`: the program is ours and calls tellReady(). Else it is asked until this resolves to true. */
  readonly ready: 'message' | ((signal: AbortSignal) => Promise<boolean>)
  /** How long it may take to end after SIGTERM; default 2.5 s, so that a demo of four floors is gone in 10 s. */
  readonly stopMs?: number
}

const defaultStopMs = 2_500
const readyMs = 60_000
const pollMs = 50
const probeMs = 2_000
const logChars = 4_000

function exitOf(child: ChildProcess, log: () => string): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, log: error.message }))
    child.once('exit', (code, signal) => {
      // Its last words may still be in the pipe, which a grandchild can hold open.
      const tell = () => resolve({ code, signal, log: log() })
      child.once('close', tell)
      setTimeout(tell, 200).unref()
    })
  })
}

async function poll(probe: (signal: AbortSignal) => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const answer = await probe(AbortSignal.any([signal, AbortSignal.timeout(probeMs)])).catch(() => false)
    if (answer) return
    await delay(pollMs, undefined, { signal }).catch(() => undefined)
  }
}

/** Waits for the part's word or answer; a part that ends first, or is silent too long, is an error in one sentence. */
async function untilReady(child: ChildProcess, exited: Promise<Exit>, options: ProcessOptions, signal: AbortSignal) {
  const done = new AbortController()
  const limit = AbortSignal.any([done.signal, signal, AbortSignal.timeout(readyMs)])
  const { ready } = options
  const said = new Promise<void>((resolve) => {
    // Libraries of the child may have something to say as well.
    if (ready === 'message') child.on('message', (message) => message === readyMessage && resolve())
    limit.addEventListener('abort', () => resolve(), { once: true })
    if (limit.aborted) resolve()
  })
  const ended = await Promise.race([ready === 'message' ? said : poll(ready, limit), exited])
  const late = limit.aborted
  done.abort()
  signal.throwIfAborted()
  if (ended !== undefined) throw new FadoError('UNREACHABLE', `${options.name} did not start: ${describeExit(ended)}`)
  if (late) throw new FadoError('UNREACHABLE', `${options.name} is not ready after ${readyMs / 1000} s: see its log`)
}

/** Only while it runs: afterwards its number may be another program's. */
function signalChild(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) signalGroup(child.pid, signal)
}

async function end(child: ChildProcess, exited: Promise<Exit>, ms: number): Promise<void> {
  signalChild(child, 'SIGTERM')
  const late = setTimeout(() => signalChild(child, 'SIGKILL'), ms)
  await exited
  clearTimeout(late)
}

/** Resolves when the process exists; a program that cannot be run at all is told by `exited`. */
export async function launchProcess(options: ProcessOptions, signal: AbortSignal): Promise<Running> {
  const { name, pidDir } = options
  const { command, args } = await dyingWithUs(options)
  const log = options.log()
  const stdio = ['ignore', 'pipe', 'pipe', ...(options.ready === 'message' ? (['ipc'] as const) : [])] as const
  const child = spawn(command, args, { env: options.env as NodeJS.ProcessEnv, detached: true, stdio: [...stdio] })
  let tail = ''
  const keep = (text: string) => {
    tail = (tail + text).slice(-logChars)
    log.write(text)
  }
  child.stdout?.setEncoding('utf8').on('data', keep)
  child.stderr?.setEncoding('utf8').on('data', keep)
  const { pid } = child
  const noted = pid === undefined || pidDir === undefined ? undefined : recordPid(pidDir, name, pid)
  const exited = exitOf(child, () => tail).then(async (exit) => {
    log.close()
    await noted
    if (pidDir !== undefined) await forgetPid(pidDir, name)
    return exit
  })
  await noted
  const ready = untilReady(child, exited, options, signal)
  ready.catch(() => undefined) // who does not wait for it learns from `exited`
  let stopping: Promise<void> | undefined
  return {
    pid: pid ?? 0,
    ready,
    exited,
    stop() {
      stopping ??= end(child, exited, options.stopMs ?? defaultStopMs)
      return stopping
    },
    kill: () => signalChild(child, 'SIGKILL'),
  }
}
