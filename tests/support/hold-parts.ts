// A process that supervises two parts and can be killed: prints their pids as JSON whenever they change.
// usage: node hold-parts.ts DIRECTORY
import { launchProcess } from '../../server/supervise/launch-process.ts'
import { logToStderr } from '../../server/supervise/log-file.ts'
import { createSupervisor } from '../../server/supervise/supervisor.ts'

const [, , stateDir = ''] = process.argv
const tell = () => console.log(JSON.stringify(Object.fromEntries(supervisor.pids())))
const supervisor = createSupervisor({ onChange: tell })
const part = (name: string, script: string, ready: 'message' | (() => Promise<boolean>)) => ({
  name,
  floor: 0,
  launch: (signal: AbortSignal) =>
    launchProcess(
      { name, command: process.execPath, args: ['-e', script], env: {}, log: logToStderr, pidDir: stateDir, ready },
      signal,
    ),
})
const idle = 'setInterval(() => {}, 1000)'
await supervisor.start([
  part('foreign', idle, async () => true),
  part('ours', `process.once('disconnect', () => process.exit()); process.send('fado is ready')`, 'message'),
])
