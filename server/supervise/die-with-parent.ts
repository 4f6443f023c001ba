// A part must not outlive us, even when we are killed with SIGKILL and can do nothing about it.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

export type Command = { readonly command: string; readonly args: readonly string[] }

/** Linux can signal a process when its parent dies; `setpriv` of util-linux asks for that and then becomes the program. */
const canAskTheKernel = (): Promise<boolean> =>
  run('setpriv', ['--pdeathsig', 'TERM', 'true']).then(
    () => true,
    () => false,
  )

/** The same command, ended by the system when this process is gone. Where that cannot be had, pid files must do. */
export async function dyingWithUs({ command, args }: Command): Promise<Command> {
  if (process.platform !== 'linux' || !(await canAskTheKernel())) return { command, args }
  return { command: 'setpriv', args: ['--pdeathsig', 'TERM', command, ...args] }
}

/** For the child's side: calls `end` once when the process that started us with an IPC channel is gone. */
export function onParentGone(end: () => void): void {
  if (process.connected) process.once('disconnect', end)
}

export const readyMessage = 'fado is ready'

/** Tells the process that started us, if it wants to know, that we are ready for work. */
export function tellReady(): void {
  if (process.connected) process.send?.(readyMessage)
}
