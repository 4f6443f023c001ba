import { access, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openDemoState } from '../../../../server/demo/demo-state.ts'
import { tempDir } from '../../../support/temp-dir.ts'

const quiet = { empty: false, progress: () => undefined }

const isThere = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  )

test('that the last fleet is forgotten is told before it is removed, for that may take long', async () => {
  const place = { stateDir: await tempDir(), portBase: undefined }
  const told: string[] = []
  const first = await openDemoState({ ...place, empty: true, progress: (text) => void told.push(text) })
  const mark = path.join(first.home, 'fleet')
  expect(told).toEqual([])
  await first.release()
  const there: Promise<boolean>[] = []
  const again = await openDemoState({
    ...place,
    empty: true,
    progress: (text) => {
      told.push(text)
      there.push(isThere(mark))
    },
  })
  await again.release()
  expect(told).toEqual(['forgetting the fleet of the last run, with the objects in its stores'])
  expect(await Promise.all(there)).toEqual([true])
})

test('where the database is stands in a file for its user only, as long as the demo runs', async () => {
  const state = await openDemoState({ ...quiet, stateDir: await tempDir(), portBase: undefined })
  const file = path.join(state.home, 'database-url')
  await state.noteDatabase('postgres://u:secret@127.0.0.1:1/postgres')
  expect(await readFile(file, 'utf8')).toBe('postgres://u:secret@127.0.0.1:1/postgres\n')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await state.release()
  expect(await isThere(file)).toBe(false)
})

test.for<[number | undefined, number | undefined, RegExp]>([
  [
    31_000,
    undefined,
    /at the ports of FADO_DEMO_PORT_BASE=31000, .* at the usual ports: start it with FADO_DEMO_PORT_BASE=31000, forget that fleet and its objects with --empty, or set FADO_STATE_DIR to another directory$/,
  ],
  [
    undefined,
    31_000,
    /at the usual ports, .* at the ports of FADO_DEMO_PORT_BASE=31000: start it without FADO_DEMO_PORT_BASE, /,
  ],
  [31_000, 31_100, /at the ports of FADO_DEMO_PORT_BASE=31000, .* at the ports of FADO_DEMO_PORT_BASE=31100: /],
])(
  'a fleet whose stores have other ports (%s) than a start (%s) would give them is refused, and is left',
  async ([was, now, sentence]) => {
    const place = { ...quiet, stateDir: await tempDir() }
    const first = await openDemoState({ ...place, portBase: was })
    await first.notePorts()
    await first.markSeeded()
    await first.release()
    await expect(openDemoState({ ...place, portBase: now })).rejects.toThrow(sentence)
    const same = await openDemoState({ ...place, portBase: was })
    expect(await same.isSeeded()).toBe(true)
    await same.release()
    const anew = await openDemoState({ ...place, portBase: now, empty: true })
    expect(await anew.isSeeded()).toBe(false)
    await anew.release()
  },
)

test('a start that ended before its ports were known to be free may be moved', async () => {
  const place = { ...quiet, stateDir: await tempDir() }
  await (await openDemoState({ ...place, portBase: undefined })).release()
  await (await openDemoState({ ...place, portBase: 31_000 })).release()
})
