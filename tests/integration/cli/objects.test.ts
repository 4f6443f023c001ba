import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bucketApi } from '../../support/bucket-api.ts'
import { runFado } from '../../support/commands.ts'
import { objectApi, send } from '../../support/object-api.ts'

const api = bucketApi()
const objects = objectApi(api)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'fado-objects-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))
const at = (name: string) => path.join(folder, name)

async function fado(...args: string[]): Promise<{ code: number; said: string }> {
  const { code, text } = await runFado(api.web, args)
  return { code, said: text }
}
const done = async (...args: string[]) => {
  const { code, said } = await fado('object', ...args)
  expect(code, said).toBe(0)
  return said
}

test('fado object puts, lists, shows, gets and removes objects', async () => {
  await api.create()
  const bytes = randomBytes(100_000)
  await writeFile(at('a.bin'), bytes)
  const tagged = ['--metadata', 'k=v=w', '--tag', 'a=b', '--content-type', 'image/x']
  expect(await done('put', api.bucket, 'dir/', at('a.bin'), ...tagged)).toBe(`Put dir/a.bin in ${api.bucket}: 100 kB.`)
  await done('put', api.bucket, 'ü &?#.txt', at('a.bin'))
  expect((await done('ls', api.bucket)).split('\n').map((line) => line.trim().split(/ {2}/).at(-1))).toEqual([
    'dir/',
    'ü &?#.txt',
  ])
  expect(JSON.parse(await done('ls', api.bucket, '-r', '--prefix', 'dir/', '-o', 'json'))).toMatchObject([
    { key: 'dir/a.bin', size: 100_000, contentType: 'image/x' },
  ])
  const seen = await done('stat', api.bucket, 'dir/a.bin')
  expect(seen).toMatch(/metadata k +v=w/)
  expect(seen).toMatch(/tag a +b/)
  expect(seen).toMatch(/on hpc +master/)
  await done('get', api.bucket, 'dir/a.bin', at('out.bin'))
  expect(await readFile(at('out.bin'))).toEqual(bytes)
  const { code, said } = await fado('object', 'rm', api.bucket, 'dir/a.bin', 'x/../y')
  expect([code, said]).toEqual([3, expect.stringContaining('Deleted dir/a.bin')])
  expect(said).toContain('x/../y: No store can be asked')
  expect(await objects.listed()).toEqual(['ü &?#.txt 100000'])
})

test('what is not there, and what is wrong on the command line, ends with its own number and leaves no file', async () => {
  await api.create()
  const before = await readdir(folder)
  expect(await fado('object', 'get', api.bucket, 'nothing', at('never'))).toMatchObject({
    code: 3,
    said: expect.stringContaining('(NOT_FOUND)'),
  })
  expect((await fado('object', 'stat', api.bucket, 'nothing')).code).toBe(3)
  expect((await fado('object', 'ls', 'no-such-bucket')).code).toBe(3)
  expect((await fado('object', 'put', api.bucket, 'k', at('no-such-file'))).code).toBe(1)
  expect((await fado('object', 'put', api.bucket, 'k', at('.'), '--tag', 'x')).code).toBe(2)
  expect((await fado('object', 'put', api.bucket)).code).toBe(2)
  expect(await readdir(folder)).toEqual(before)
})

test('a put that was cut goes on with the parts that are there, as long as they are of the same bytes', async () => {
  await api.create()
  const mebi = 1024 * 1024
  const bytes = randomBytes(66 * mebi)
  await writeFile(at('big.bin'), bytes)
  const { size, mtimeMs, ino } = await stat(at('big.bin'))
  const more = { contentType: 'application/octet-stream', idempotencyKey: `cli ${size} ${mtimeMs} ${ino}` }
  const { upload } = await objects.begin('big.bin', size, more)
  const partOf = (n: number) => bytes.subarray((n - 1) * 16 * mebi, n * 16 * mebi)
  for (const [number, body] of [
    [1, partOf(1)],
    [2, Buffer.alloc(16 * mebi, 'not of this file')],
  ] as const)
    await send((await objects.parts(upload.id, [number])).parts[0], body)
  await done('put', api.bucket, 'big.bin', at('big.bin'))
  const { rows } = await api.web.pool.query<{ id: string }>(`SELECT id FROM upload WHERE key = 'big.bin'`)
  expect(rows).toHaveLength(1) // no other was begun
  await done('get', api.bucket, 'big.bin', at('big.out'))
  expect((await readFile(at('big.out'))).equals(bytes)).toBe(true)
})

test('a store that this machine cannot reach is passed by', async () => {
  await api.create()
  await writeFile(at('small'), 'hello')
  await api.web.pool.query(`UPDATE storage_deployment SET public_endpoint = 'http://127.0.0.1:1' WHERE name = 'hpc'`)
  await done('put', api.bucket, 'small', at('small'))
  await done('get', api.bucket, 'small', at('small.out'))
  expect(await readFile(at('small.out'), 'utf8')).toBe('hello')
  await api.web.pool.query(`UPDATE storage_deployment SET public_endpoint = NULL WHERE name = 'hpc'`)
})
