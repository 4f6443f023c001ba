import { access, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openDemoState } from '../../../../server/demo/demo-state.ts'
import { tempDir } from '../../../support/temp-dir.ts'

const isThere = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  )

test('that the last fleet is forgotten is told before it is removed, for that may take long', async () => {
  const dir = await tempDir()
  const told: string[] = []
  const first = await openDemoState(dir, true, (text) => void told.push(text))
  const mark = path.join(first.home, 'fleet')
  expect(told).toEqual([])
  await first.release()
  const there: Promise<boolean>[] = []
  const again = await openDemoState(dir, true, (text) => {
    told.push(text)
    there.push(isThere(mark))
  })
  await again.release()
  expect(told).toEqual(['forgetting the fleet of the last run, with the objects in its stores'])
  expect(await Promise.all(there)).toEqual([true])
})

test('where the database is stands in a file for its user only, as long as the demo runs', async () => {
  const state = await openDemoState(await tempDir(), false, () => undefined)
  const file = path.join(state.home, 'database-url')
  await state.noteDatabase('postgres://u:secret@127.0.0.1:1/postgres')
  expect(await readFile(file, 'utf8')).toBe('postgres://u:secret@127.0.0.1:1/postgres\n')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await state.release()
  expect(await isThere(file)).toBe(false)
})
