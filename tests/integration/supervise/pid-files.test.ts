import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startOf } from '../../../server/process-table.ts'
import { endLeftovers, recordPid } from '../../../server/supervise/pid-files.ts'
import { tempDir } from '../../support/temp-dir.ts'

/** A process of its own group that runs until it is ended. */
async function stranger(program = 'setInterval(() => {}, 1000)') {
  const child: ChildProcess = spawn(process.execPath, ['-e', `${program}; console.log('up')`], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const gone = once(child, 'exit') as Promise<[number | null, string | null]>
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await gone
  })
  if (child.stdout !== null) await once(child.stdout, 'data')
  return { pid: child.pid ?? 0, gone }
}

test('what was noted is ended, and the notes are gone', async () => {
  const dir = await tempDir()
  const { pid, gone } = await stranger()
  await recordPid(dir, 'store', pid)
  await endLeftovers(dir)
  expect((await gone)[1]).toBe('SIGTERM')
  expect(await readdir(dir)).toEqual([])
})

test('what does not end when it is asked is killed', async () => {
  const dir = await tempDir()
  const { pid, gone } = await stranger("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)")
  await recordPid(dir, 'store', pid)
  await endLeftovers(dir)
  expect((await gone)[1]).toBe('SIGKILL')
})

test('a process that has the number of one that was noted long ago is left alone', async () => {
  const dir = await tempDir()
  const { pid } = await stranger()
  await writeFile(path.join(dir, 'store.pid'), `${pid}\n1\n`)
  await endLeftovers(dir)
  expect(await startOf(pid)).toBeDefined()
  expect(await readdir(dir)).toEqual([])
})

test('broken notes, and none at all, are no hindrance', async () => {
  const dir = await tempDir()
  await writeFile(path.join(dir, 'store.pid'), 'nonsense')
  await endLeftovers(dir)
  await endLeftovers(path.join(dir, 'missing'))
  expect(await readdir(dir)).toEqual([])
})
