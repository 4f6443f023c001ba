import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { expect, test, vi } from 'vitest'
import { openLogFile } from '../../../../server/supervise/log-file.ts'
import { tempDir } from '../../../support/temp-dir.ts'

test('a log that is full is kept once, and a new one begins', async () => {
  const file = path.join(await tempDir(), 'logs/part.log')
  const log = openLogFile(file, 10)
  log.write('0123456789 first\n')
  await vi.waitFor(async () => expect((await stat(file)).size).toBeGreaterThan(10))
  log.write('second\n')
  log.close()
  await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toBe('second\n'))
  expect(await readFile(`${file}.1`, 'utf8')).toBe('0123456789 first\n')
})

test('a log that is there is continued', async () => {
  const file = path.join(await tempDir(), 'part.log')
  for (const text of ['one\n', 'two\n']) {
    const log = openLogFile(file)
    log.write(text)
    log.close()
    await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toContain(text))
  }
  expect(await readFile(file, 'utf8')).toBe('one\ntwo\n')
})
