import { chmod, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { findTool, locateTool, tools } from '../../../server/tools.ts'
import { tempDir } from '../../support/temp-dir.ts'

async function program(...parts: string[]): Promise<string> {
  const file = path.join(...parts)
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, '#!/bin/sh\n')
  await chmod(file, 0o755)
  return file
}

/** A machine with Envoy in all places where it is looked for. */
async function machine() {
  const home = await tempDir()
  return {
    named: await program(home, 'own', 'my-envoy'),
    inPath: await program(home, 'bin', 'envoy'),
    cached: await program(home, 'cache', 'fado', 'tools', tools.envoy.cached ?? ''),
    env: { HOME: home, XDG_CACHE_HOME: path.join(home, 'cache') },
    bin: path.join(home, 'bin'),
  }
}

test('a tool is taken from its variable, else from PATH, else from the folder of tools', async () => {
  const { env, named, inPath, cached, bin } = await machine()
  expect(findTool('envoy', { ...env, PATH: bin, FADO_ENVOY_BIN: named })).toBe(named)
  expect(findTool('envoy', { ...env, PATH: `/nowhere:${bin}` })).toBe(inPath)
  expect(findTool('envoy', env)).toBe(cached)
})

test('without XDG_CACHE_HOME the folder of tools is in ~/.cache', async () => {
  const home = await tempDir()
  const cached = await program(home, '.cache', 'fado', 'tools', tools.minio.cached ?? '')
  expect(findTool('minio', { HOME: home })).toBe(cached)
})

test('a variable that names no program hides the other places and is blamed', async () => {
  const { env, bin } = await machine()
  const wrong = { ...env, PATH: bin, FADO_ENVOY_BIN: '/nowhere/envoy' }
  expect(findTool('envoy', wrong)).toBeUndefined()
  expect(() => locateTool('envoy', wrong)).toThrow('FADO_ENVOY_BIN is /nowhere/envoy')
})

test('what cannot be run is not a tool: a directory, a file without the right to execute, a relative place in PATH', async () => {
  const home = await tempDir()
  await mkdir(path.join(home, 'a', 'minio'), { recursive: true })
  await mkdir(path.join(home, 'b'))
  await writeFile(path.join(home, 'b', 'minio'), '')
  expect(findTool('minio', { HOME: home, PATH: `${home}/a:${home}/b:.:` })).toBeUndefined()
})

test.each(['envoy', 'minio'] as const)(
  'a missing %s is told in one sentence with the variable that would help',
  async (name) => {
    const locate = () => locateTool(name, { HOME: '/nowhere', PATH: '/nowhere' })
    expect(locate).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }))
    expect(locate).toThrow(tools[name].variable)
    expect(locate).toThrow(/^[^\n]+$/)
  },
)
