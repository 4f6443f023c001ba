import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import { withLock } from '../../../../scripts/setup/lock.mjs'
import { tempDir } from '../../../support/temp-dir.ts'

beforeEach(() => {
  vi.spyOn(console, 'error').mockReturnValue() // it tells whoever waits
})

const newLock = async () => path.join(await tempDir(), 'a', 'work.lock')

test('work under one lock is done one after the other, and the lock is gone afterwards', async () => {
  const file = await newLock()
  const trace: string[] = []
  const work = (name: string) =>
    withLock(file, async () => {
      trace.push(`${name} begins`)
      await new Promise((resolve) => setImmediate(resolve))
      trace.push(`${name} ends`)
    })
  await Promise.all([work('a'), work('b')])
  expect(trace).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
  expect(existsSync(file)).toBe(false)
})

test('work that fails gives the lock back', async () => {
  const file = await newLock()
  await expect(withLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await withLock(file, async () => 'done')).toBe('done')
})

test('a lock whose holder is dead is taken over', async () => {
  const file = await newLock()
  await withLock(file, async () => undefined) // makes the folder
  const holder = spawn(process.execPath, ['-e', ''])
  await once(holder, 'close')
  await writeFile(file, `${hostname()}\n${holder.pid}\n`)
  expect(await withLock(file, async () => 'done')).toBe('done')
})

test('a lock of another machine is taken over once its holder has not touched it for long', async () => {
  const file = await newLock()
  await withLock(file, async () => undefined)
  await writeFile(file, 'elsewhere\n1\n')
  const longAgo = new Date(Date.now() - 60_000)
  await utimes(file, longAgo, longAgo)
  expect(await withLock(file, async () => 'done')).toBe('done')
})
