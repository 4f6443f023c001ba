import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { filesOf, fingerprint, isDone, markDone } from '../../../../scripts/setup/stamp.mjs'
import { tempDir } from '../../../support/temp-dir.ts'

async function tree() {
  const root = await tempDir()
  await mkdir(path.join(root, 'app/deep'), { recursive: true })
  for (const file of ['app/a.ts', 'app/deep/b.ts', 'lock.json']) await writeFile(path.join(root, file), file)
  const print = () => fingerprint(root, ['lock.json', 'app', 'missing'])
  return { root, print }
}

test('the inputs are all files below the given ones, in an order that does not depend on how they are named', async () => {
  const { root } = await tree()
  expect(filesOf(root, ['lock.json', 'app', 'missing'])).toEqual(['app/a.ts', 'app/deep/b.ts', 'lock.json'])
})

test('the fingerprint changes with content, names, new files and removed ones, and comes back with them', async () => {
  const { root, print } = await tree()
  const first = print()
  await writeFile(path.join(root, 'app/a.ts'), 'other')
  const edited = print()
  await writeFile(path.join(root, 'app/a.ts'), 'app/a.ts')
  await rename(path.join(root, 'app/a.ts'), path.join(root, 'app/c.ts'))
  const renamed = print()
  await rename(path.join(root, 'app/c.ts'), path.join(root, 'app/a.ts'))
  await rm(path.join(root, 'app/deep/b.ts'))
  const removed = print()
  await writeFile(path.join(root, 'app/deep/b.ts'), 'app/deep/b.ts')
  expect(new Set([first, edited, renamed, removed]).size).toBe(4)
  expect(print()).toBe(first)
})

test('work is done only for the fingerprint that was marked', async () => {
  const stamp = path.join(await tempDir(), 'not-yet', 'stamp')
  expect(isDone(stamp, 'one')).toBe(false)
  markDone(stamp, 'one')
  expect([isDone(stamp, 'one'), isDone(stamp, 'two')]).toEqual([true, false])
})
