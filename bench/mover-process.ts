import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fadoCommand } from '../server/supervise/fado-command.ts'

/** Resolves when it works. */
export async function startMoverProcess(env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const { command, args } = fadoCommand('mover')
  const mover = spawn(command, args, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const gone = once(mover, 'exit').then(() => Promise.reject(new Error('no mover')))
  gone.catch(() => undefined) // it ends some day
  await Promise.race([once(mover, 'message'), gone])
  return mover
}
