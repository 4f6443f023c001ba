import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startOf } from '../../../server/process-table.ts'
import { launchProcess, type ProcessOptions } from '../../../server/supervise/launch-process.ts'
import { openLogFile } from '../../../server/supervise/log-file.ts'
import type { Part } from '../../../server/supervise/part.ts'
import { createSupervisor, type SupervisorOptions } from '../../../server/supervise/supervisor.ts'
import { tempDir } from '../../support/temp-dir.ts'

const isAlive = async (pid: number) => (await startOf(pid)) !== undefined
const untilGone = (pid: number) => vi.waitFor(async () => expect(await isAlive(pid)).toBe(false), 10_000)

/** A part of ours: runs `script`, which says when it is ready. */
function node(stateDir: string, name: string, script: string, more: Partial<ProcessOptions> = {}, floor = 0): Part {
  const command = { command: process.execPath, args: ['-e', script], env: {}, ready: 'message' as const }
  const files = { log: () => openLogFile(path.join(stateDir, `logs/${name}.log`)), pidDir: path.join(stateDir, 'run') }
  return { name, floor, launch: (signal) => launchProcess({ name, ...files, ...command, ...more }, signal) }
}

const server = "setInterval(() => {}, 1000); process.send('fado is ready')"

function supervise(options: SupervisorOptions = {}) {
  const supervisor = createSupervisor(options)
  onTestFinished(() => supervisor.stop())
  return supervisor
}

test('a part that is killed has a new process within a second, however often it is killed', async () => {
  const dir = await tempDir()
  const supervisor = supervise()
  await supervisor.start([node(dir, 'a', server), node(dir, 'b', server)])
  const b = supervisor.pids().get('b')
  for (let round = 0; round < 4; round += 1) {
    const pid = supervisor.pids().get('a') ?? 0
    process.kill(pid, 'SIGKILL')
    const next = await vi.waitFor(() => {
      const now = supervisor.pids().get('a')
      expect(now).not.toBe(pid)
      expect(now).toBeDefined()
      return now ?? 0
    }, 2_000)
    expect(await isAlive(next)).toBe(true)
  }
  expect(supervisor.pids().get('b')).toBe(b)
})

test('after stop nothing runs, the highest floor having gone first', async () => {
  const dir = await tempDir()
  const supervisor = supervise()
  const order: string[] = []
  const told = (name: string, script: string, floor: number): Part => ({
    name,
    floor,
    async launch(signal) {
      const running = await node(dir, name, script).launch(signal)
      void running.exited.then(() => order.push(name))
      return running
    },
  })
  const slow = `process.on('SIGTERM', () => setTimeout(process.exit, 100)); ${server}`
  await supervisor.start([told('above', slow, 2), told('below', server, 1)])
  const pids = [...supervisor.pids().values()]
  await supervisor.stop()
  expect(order).toEqual(['above', 'below'])
  expect(await Promise.all(pids.map(isAlive))).toEqual([false, false])
  expect(await readdir(path.join(dir, 'run'))).toEqual([])
})

test('a part that ignores SIGTERM is killed, with the processes that it started', async () => {
  const dir = await tempDir()
  const supervisor = supervise()
  const child = "require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])"
  const script = `const { pid } = ${child}; console.log(pid); process.on('SIGTERM', () => {}); ${server}`
  await supervisor.start([node(dir, 'stubborn', script, { stopMs: 200 })])
  const grandchild = await vi.waitFor(async () => {
    const pid = Number(await readFile(path.join(dir, 'logs/stubborn.log'), 'utf8'))
    expect(pid).toBeGreaterThan(0)
    return pid
  })
  await supervisor.stop()
  await untilGone(grandchild)
})

test('a part that cannot start is told with its last word, and the others end at stop', async () => {
  const dir = await tempDir()
  const started = new Set<number>()
  const supervisor = supervise({
    onChange: () => {
      for (const pid of supervisor.pids().values()) started.add(pid)
    },
  })
  const broken = "console.error('Port 1 is taken: choose another one'); process.exit(1)"
  await expect(supervisor.start([node(dir, 'good', server), node(dir, 'bad', broken)])).rejects.toThrow(
    'bad did not start: Port 1 is taken: choose another one',
  )
  await supervisor.stop()
  expect(started.size).toBe(2)
  expect(await Promise.all([...started].map(isAlive))).toEqual([false, false])
})

test('a part that nobody waits for is started again though it never was ready', async () => {
  const dir = await tempDir()
  const deaths: string[] = []
  const third = Promise.withResolvers<void>()
  const onDeath = (_name: string, why: string) => deaths.push(why) === 3 && third.resolve()
  const supervisor = supervise({ onDeath })
  await supervisor.start([{ ...node(dir, 'mover', "console.error('not yet'); process.exit(1)"), background: true }])
  await third.promise
  expect(deaths).toEqual(['not yet', 'not yet', 'not yet'])
})

test('a program that does not exist is told by name', async () => {
  const supervisor = supervise()
  const missing = node(await tempDir(), 'ghost', '', { command: '/nowhere/ghost', ready: async () => false })
  await expect(supervisor.start([missing])).rejects.toThrow(/ghost did not start: .*\/nowhere\/ghost/)
})

test('a stop in the middle of a start leaves nothing', async () => {
  const dir = await tempDir()
  const supervisor = supervise()
  const changed = Promise.withResolvers<void>()
  const never: Part = {
    name: 'never',
    floor: 0,
    async launch(signal) {
      const running = await node(dir, 'never', 'setInterval(() => {}, 1000)').launch(signal)
      setImmediate(changed.resolve)
      return running
    },
  }
  const starting = supervisor.start([never]).catch((error: Error) => error.message)
  await changed.promise
  const pids = [...supervisor.pids().values()]
  await supervisor.stop()
  expect(await starting).toBe('stopped')
  expect(pids).toHaveLength(1)
  expect(await Promise.all(pids.map(isAlive))).toEqual([false])
})

test('kill ends at once what would take its time', async () => {
  const dir = await tempDir()
  const supervisor = supervise()
  await supervisor.start([node(dir, 'slow', `process.on('SIGTERM', () => {}); ${server}`, { stopMs: 60_000 })])
  const [pid = 0] = supervisor.pids().values()
  const stopped = supervisor.stop()
  supervisor.kill()
  await stopped
  expect(await isAlive(pid)).toBe(false)
})

test('parts do not outlive a supervisor that is killed', async () => {
  const script = path.resolve(import.meta.dirname, '../../support/hold-parts.ts')
  const holder = spawn(process.execPath, [script, await tempDir()], { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = once(holder, 'exit')
  onTestFinished(async () => {
    holder.kill('SIGKILL')
    await gone
  })
  let pids: Record<string, number> = {}
  for await (const line of createInterface(holder.stdout)) {
    pids = JSON.parse(line) as Record<string, number>
    if (Object.keys(pids).length === 2) break
  }
  holder.kill('SIGKILL')
  await gone
  expect(Object.keys(pids).sort()).toEqual(['foreign', 'ours'])
  for (const pid of Object.values(pids)) await untilGone(pid)
})
