// A part must not outlive us, even when we are killed with SIGKILL and can do nothing about it.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

export type Command = { readonly command: string; readonly args: readonly string[] }

/**
 * Linux can signal a process when its parent dies; `setpriv` of util-linux asks for that and then becomes the program. KILL,
 * because a process that hangs hears nothing else, and nobody is left to send it a second signal. What it had in hand is
 * left as any crash leaves it.
 */
const deathSignal = ['--pdeathsig', 'KILL']
const canAskTheKernel = (): Promise<boolean> =>
  run('setpriv', [...deathSignal, 'true']).then(
    () => true,
    () => false,
  )

/** The same command, ended by the system when this process is gone. Where that cannot be had, pid files must do. */
export async function dyingWithUs({ command, args }: Command): Promise<Command> {
  if (process.platform !== 'linux' || !(await canAskTheKernel())) return { command, args }
  return { command: 'setpriv', args: [...deathSignal, command, ...args] }
}

const parentMs = 1_000

/** For the child's side: calls `end` once when the process that started us with an IPC channel is gone. */
export function onParentGone(end: () => void): void {
  if (!process.connected) return
  const parent = process.ppid
  const gone = () => {
    clearInterval(timer)
    process.off('disconnect', gone)
    end()
  }
  process.once('disconnect', gone)
  // Whoever inherited the other end of the channel keeps it open.
  const timer = setInterval(() => process.ppid !== parent && gone(), parentMs).unref()
}

export const readyMessage = 'fado is ready'

/** Tells the process that started us, if it wants to know, that we are ready for work. */
export function tellReady(): void {
  if (process.connected) process.send?.(readyMessage)
}
