// Keeps parts running: one that dies is started again within a second or two, until all are stopped in order.
import { setTimeout as delay } from 'node:timers/promises'
import { describeExit, type Part, type Running } from './part.ts'
import { neverFailed, nextRestart, type RestartState } from './restart-policy.ts'

export type SupervisorOptions = {
  /** A part has another process now, or none: read `pids`. */
  readonly onChange?: () => void
  /** A part died, or could not be started again; `why` is its last word. It will be tried again. */
  readonly onDeath?: (name: string, why: string) => void
}

export type Supervisor = {
  /** Starts parts side by side; resolves when all are ready, rejects at once when one cannot start: then stop. */
  start(parts: readonly Part[]): Promise<void>
  pids(): ReadonlyMap<string, number>
  /** Stops floor by floor, the highest first. May be called twice, and during a start. */
  stop(): Promise<void>
  /** Ends all at once. */
  kill(): void
}

type Slot = {
  readonly part: Part
  running: Running | undefined
  restarts: RestartState
  /** Settles when nothing more is started here. */
  work: Promise<unknown>
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

export function createSupervisor({ onChange, onDeath }: SupervisorOptions): Supervisor {
  const slots: Slot[] = []
  const stopping = new AbortController()
  const { signal } = stopping

  async function launch(slot: Slot): Promise<Running> {
    const running = await slot.part.launch(signal)
    if (signal.aborted) {
      await running.stop()
      signal.throwIfAborted()
    }
    slot.running = running
    onChange?.()
    return running
  }

  /** Starts the part again until it has a process; undefined when we stop. */
  async function relaunch(slot: Slot, why: string, ranMs: number): Promise<Running | undefined> {
    slot.running = undefined
    let reason = why
    for (let ran = ranMs; ; ran = 0) {
      onDeath?.(slot.part.name, reason)
      const { pauseMs, state } = nextRestart(slot.restarts, ran)
      slot.restarts = state
      await delay(pauseMs, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return undefined
      try {
        return await launch(slot)
      } catch (error) {
        if (signal.aborted) return undefined
        reason = messageOf(error)
      }
    }
  }

  async function keep(slot: Slot, first: Running): Promise<void> {
    for (let running: Running | undefined = first; running !== undefined; ) {
      const since = performance.now()
      const exit = await running.exited
      if (signal.aborted) return
      running = await relaunch(slot, describeExit(exit), performance.now() - since)
    }
  }

  /** The first start. From then on the part is kept, also while others are not ready yet. */
  async function begin(slot: Slot): Promise<void> {
    const first = launch(slot)
    slot.work = first
    const running = await first
    if (slot.part.background !== true) await running.ready
    slot.work = keep(slot, running)
  }

  async function stopSlot(slot: Slot): Promise<void> {
    await slot.running?.stop()
    await slot.work.catch(() => undefined) // told where it was started
  }

  async function stopAll(): Promise<void> {
    stopping.abort(new Error('stopped'))
    const floors = new Set(slots.map(({ part }) => part.floor))
    for (const floor of [...floors].sort((a, b) => b - a)) {
      await Promise.all(slots.filter(({ part }) => part.floor === floor).map(stopSlot))
    }
  }
  let stopped: Promise<void> | undefined

  return {
    async start(parts) {
      signal.throwIfAborted()
      const added = parts.map(
        (part): Slot => ({ part, running: undefined, restarts: neverFailed, work: Promise.resolve() }),
      )
      slots.push(...added)
      await Promise.all(added.map(begin))
    },
    pids: () =>
      new Map(slots.flatMap(({ part, running }) => (running === undefined ? [] : [[part.name, running.pid]]))),
    stop() {
      stopped ??= stopAll()
      return stopped
    },
    kill() {
      stopping.abort(new Error('stopped'))
      for (const { running } of slots) running?.kill()
    },
  }
}
