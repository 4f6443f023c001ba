import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { tempDir } from '../../../support/temp-dir.ts'

const here = process.cwd()

/** A checkout in which nothing was made yet; its packages are there. */
async function freshCheckout(): Promise<string> {
  const root = await tempDir()
  await cp(path.join(here, 'scripts'), path.join(root, 'scripts'), { recursive: true })
  for (const name of ['node_modules', 'package.json', 'package-lock.json'])
    await symlink(path.join(here, name), path.join(root, name))
  await cp(path.join(here, 'server/tools'), path.join(root, 'server/tools'), { recursive: true })
  await writeFile(path.join(root, 'server/main.ts'), 'console.log(process.argv.slice(2).join())')
  for (const file of ['prisma/schema.prisma', 'app/layout.tsx']) {
    await mkdir(path.dirname(path.join(root, file)))
    await writeFile(path.join(root, file), '')
  }
  return root
}

const untouched = ['app', 'node_modules', 'package-lock.json', 'package.json', 'prisma', 'scripts', 'server']
const made = async (root: string) => (await readdir(root)).toSorted()

test.for(['--help', '-h'])('how a command is used is said at once: %s makes nothing', async (flag) => {
  const root = await freshCheckout()
  const args = ['scripts/setup.mjs', 'demo', 'server/main.ts', 'demo', flag]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: root })
  expect([stdout, stderr]).toEqual([`demo,${flag}\n`, ''])
  expect(await made(root)).toEqual(untouched)
})

test.for([
  ['demo', 'FADO_DEMO_PORT_BASE', '70000', '"70000" is not a whole number from 1024 to 32668: '],
  ['start', 'FADO_HTTP_PORT', 'abc', '"abc" is not a port number'],
] as const)(
  '%s: a number that cannot be is refused at once, in one sentence: %s=%s',
  async ([what, name, text, fault]) => {
    const root = await freshCheckout()
    const args = ['scripts/setup.mjs', what, 'server/main.ts', what]
    const env = { ...process.env, [name]: text }
    const ended = promisify(execFile)(process.execPath, args, { cwd: root, env })
    const message = `fado: The environment variable ${name} is not usable: ${fault}`
    await expect(ended).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/^[^\n]+\n$/) as string })
    await expect(ended).rejects.toMatchObject({ stderr: expect.stringContaining(message) as string })
    expect(await made(root)).toEqual(untouched)
  },
)
