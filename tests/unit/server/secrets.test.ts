import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { loadAdminToken, loadSecretBox } from '../../../server/secret-files.ts'
import { createSecretBox, parseSecretKey } from '../../../server/secrets.ts'
import { tempDir } from '../../support/temp-dir.ts'

const box = createSecretBox(Buffer.alloc(32, 1))
const place = { table: 'storage_deployment', id: 'one' }

test('what was sealed opens again, and two seals of one text differ', () => {
  const [one, two] = [box.seal('geheim', place), box.seal('geheim', place)]
  expect(one).not.toBe(two)
  expect(one).not.toContain('geheim')
  expect([box.open(one, place), box.open(two, place)]).toEqual(['geheim', 'geheim'])
})

test('a ciphertext opens for no other row, no other table and not once it was changed', () => {
  const sealed = box.seal('geheim', place)
  const parts = sealed.split('.')
  const changed = parts.with(3, Buffer.from('geheim').toString('base64url')).join('.')
  for (const [text, at] of [
    [sealed, { ...place, id: 'two' }],
    [sealed, { ...place, table: 'api_token' }],
    [changed, place],
    [`${sealed.slice(0, -4)}AAAA`, place],
  ] as const)
    expect(() => box.open(text, at)).toThrow(expect.objectContaining({ code: 'UNSAFE' }))
})

test('with another key the error names both keys and says what losing one means', () => {
  const other = createSecretBox(Buffer.alloc(32, 2))
  const sealed = other.seal('geheim', place)
  const [, id = ''] = sealed.split('.')
  expect(() => box.open(sealed, place)).toThrow(id)
  expect(() => box.open(sealed, place)).toThrow(
    /cannot be read again.*FADO_SECRET_KEY.*secret\.key.*StorageDeploymentUpdate/,
  )
})

test('a key is 32 bytes in hex or base64', () => {
  const key = Buffer.alloc(32, 7)
  expect(parseSecretKey(`${key.toString('hex')}\n`)).toEqual(key)
  expect(parseSecretKey(key.toString('base64'))).toEqual(key)
  expect(() => parseSecretKey('short')).toThrow('32 bytes')
})

test('key and token are made once, for their user only, also when several processes start at once', async () => {
  const stateDir = path.join(await tempDir(), 'new', 'state')
  const config = { stateDir, secretKey: undefined, token: undefined }
  const tokens = await Promise.all(Array.from({ length: 8 }, () => loadAdminToken(config)))
  expect(new Set(tokens).size).toBe(1)
  expect(tokens[0]).toMatch(/^fado_.{32}$/)
  const sealed = (await loadSecretBox(config)).seal('geheim', place)
  expect((await loadSecretBox(config)).open(sealed, place)).toBe('geheim')
  for (const file of ['token', 'secret.key']) expect((await stat(path.join(stateDir, file))).mode & 0o777).toBe(0o600)
})

test('a file that others could read is closed to them, and a given key or token needs no file', async () => {
  const stateDir = await tempDir()
  await writeFile(path.join(stateDir, 'token'), 'given-by-hand\n', { mode: 0o644 })
  expect(await loadAdminToken({ stateDir, token: undefined })).toBe('given-by-hand')
  expect((await stat(path.join(stateDir, 'token'))).mode & 0o777).toBe(0o600)
  expect(await loadAdminToken({ stateDir, token: 'configured' })).toBe('configured')
  await loadSecretBox({ stateDir, secretKey: Buffer.alloc(32).toString('hex') })
  await expect(readFile(path.join(stateDir, 'secret.key'))).rejects.toThrow('ENOENT')
})

test('a file that cannot be read is one sentence that names it', async () => {
  const stateDir = await tempDir()
  await mkdir(path.join(stateDir, 'token'))
  await expect(loadAdminToken({ stateDir, token: undefined })).rejects.toMatchObject({
    code: 'VALIDATION_FAILED',
    message: expect.stringContaining(path.join(stateDir, 'token')),
  })
})
