// @ts-check
// Runs the programs of the set-up, says what goes on, and ends them all when the set-up ends early.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(fileURLToPath(import.meta.url), '../../..')

/** What the user must do something about; its message is all that is shown. */
export class SetupError extends Error {}

/** A program that ended badly; `lastLine` of what it printed usually says why. */
export class RunError extends SetupError {
  /** @param {string} command @param {string} how @param {string} output */
  constructor(command, how, output) {
    const text = output.trim()
    super(`${command} ${how}${text ? `:\n${text.slice(-3000)}` : ''}`)
    this.output = text
    this.lastLine = text.split('\n').at(-1)?.trim() || `${command} ${how}`
  }
}

const started = performance.now()

/** @param {number} ms */
const seconds = (ms) => {
  const whole = Math.round(ms / 1000)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}

/** @param {string} text */
export const say = (text) => console.error(`setup ${seconds(performance.now() - started).padStart(5)}  ${text}`)

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

const ending = new AbortController()
/** Aborted once the set-up ends early; nothing new is begun then. */
export const endingSignal = ending.signal

const graceMs = 3_000

/** @param {NodeJS.Signals} signal */
function signalAll(signal) {
  for (const { pid } of running) {
    try {
      if (pid !== undefined) process.kill(-pid, signal)
    } catch {
      // it has just ended
    }
  }
}

/** Ends all programs under way, each with the processes it started; run() rejects for each of them, and from now on. */
export function endAll() {
  ending.abort(new SetupError('The set-up was ended.'))
  signalAll('SIGTERM')
  setTimeout(() => signalAll('SIGKILL'), graceMs).unref()
}

/**
 * Runs a program and returns what it printed.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Record<string, string | undefined>} [env] over the environment of this process; undefined unsets
 * @returns {Promise<string>}
 */
export function run(command, args, env = {}) {
  return new Promise((resolve, reject) => {
    endingSignal.throwIfAborted()
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a process group of its own, to be ended as a whole
    })
    running.add(child)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
    child.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      running.delete(child)
      reject(new RunError(command, error.code === 'ENOENT' ? 'is not installed' : `cannot be run (${error.code})`, ''))
    })
    child.once('close', (code, signal) => {
      running.delete(child)
      if (code === 0) resolve(output)
      else reject(new RunError(command, signal ? `was ended by ${signal}` : `ended with code ${code}`, output))
    })
  })
}

const reminderMs = 15_000

/**
 * Tells that a step begins, every 15 s that it goes on, and when it is done.
 * @template T
 * @param {string} what
 * @param {string} usually how long it takes
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(what, usually, work) {
  const from = performance.now()
  say(`${what} ... (usually ${usually})`)
  const reminder = setInterval(
    () => say(`${what}: ${seconds(performance.now() - from)} so far, usually ${usually}`),
    reminderMs,
  )
  try {
    const result = await work()
    say(`${what}: done in ${seconds(performance.now() - from)}`)
    return result
  } finally {
    clearInterval(reminder)
  }
}
