// `fado demo`: the whole of FaDO on one machine, each part a process of its own that is started again when it dies.
import { once } from 'node:events'
import type { DemoMode } from '../cli/program.ts'
import type { Config } from '../config.ts'
import { stateDirectoryPrefix } from '../state-directory.ts'
import { callBuckets, type DemoCall, untilSettled } from './buckets-ready.ts'
import { demoFileIn } from './demo-file.ts'
import { openDemoState } from './demo-state.ts'
import { emptySteps, seededSteps } from './next-steps.ts'
import { type Environment, logDirIn } from './parts.ts'
import { type RunningDemo, startDemo } from './start-demo.ts'

export type DemoOptions = {
  readonly config: Config
  readonly env: Environment
  readonly mode: DemoMode
  readonly print: (text: string) => void
  /** The first wish to stop. */
  readonly signal: AbortSignal
  /** The second one: at once. */
  readonly force: AbortSignal
}

/** Copies of a fresh fleet take a second or two; a store that the user has broken must not hold up the start. */
const settleMs = 30_000

/** `12.3 s  text`, the time since now. */
function stopwatch(print: (text: string) => void): (text: string) => void {
  const begun = performance.now()
  return (text) => print(`${((performance.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${text}`)
}

function outcomeOf({ ok, status, servedBy }: DemoCall): string {
  if (ok) return `served by ${servedBy}`
  return `FAILED (${status ?? 'no answer'}${servedBy === undefined ? '' : ` at ${servedBy}`})`
}

async function check({ config, print, signal }: DemoOptions, demo: RunningDemo): Promise<number> {
  const calls = await callBuckets(demo.api, demo.file().ingress, settleMs, signal)
  for (const call of calls) {
    print(`${call.bucket.padEnd(20)}${outcomeOf(call).padEnd(20)}of ${call.clusters.join(', ') || 'no cluster'}`)
  }
  const served = calls.filter(({ ok }) => ok).length
  const well = calls.length > 0 && served === calls.length
  const logs = well ? '' : ` What the parts say is in ${logDirIn(config.stateDir)}.`
  print(calls.length === 0 ? 'There is no bucket to call.' : `${served} of ${calls.length} buckets served.${logs}`)
  return well ? 0 : 1
}

async function stay({ config, env, mode, print, signal }: DemoOptions, demo: RunningDemo): Promise<number> {
  const steps = { demo: demo.file(), demoFile: demoFileIn(config.stateDir), prefix: stateDirectoryPrefix(env) }
  print(mode === 'empty' ? emptySteps(steps) : seededSteps(steps))
  if (!signal.aborted) await once(signal, 'abort')
  print('Stopping; Ctrl-C again ends everything at once.')
  return 0
}

/** Resolves to the exit code when everything is stopped again. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const { config, env, mode, print, signal, force } = options
  const progress = stopwatch(print)
  const state = await openDemoState({
    stateDir: config.stateDir,
    portBase: config.demoPortBase,
    empty: mode === 'empty',
    progress,
  })
  const onDeath = (name: string, why: string) => progress(`${name} ended (${why}) and is started again`)
  const demo = await startDemo({ config, env, state, seeded: mode !== 'empty', progress, onDeath, signal, force })
  try {
    if (mode === 'run') await untilSettled(demo.api, settleMs, signal)
    progress('ready')
    return mode === 'check' ? await check(options, demo) : await stay(options, demo)
  } catch (error) {
    if (signal.aborted) return 0
    throw error
  } finally {
    await demo.stop()
  }
}
