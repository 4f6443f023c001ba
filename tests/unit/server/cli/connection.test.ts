import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { findTarget } from '../../../../server/cli/connection.ts'
import { leaveAddress } from '../../../../server/cli/server-file.ts'
import { tempDir } from '../../../support/temp-dir.ts'

const http = { address: '127.0.0.1', port: 8080 }
const demo = { graphql: 'http://127.0.0.1:7000/graphql', token: 'demo-token' }

async function stateWith(files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await tempDir()
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(dir, name), text)
  return dir
}

test('the demo of the state directory is found, with its token', async () => {
  const stateDir = await stateWith({ 'demo.json': JSON.stringify(demo), token: 'other\n' })
  expect(await findTarget({}, { stateDir, http })).toEqual({ url: demo.graphql, token: demo.token })
})

test('without a demo it is the server of the state directory', async () => {
  const stateDir = await stateWith({ token: 'server-token\n' })
  expect(await findTarget({}, { stateDir, http })).toEqual({
    url: 'http://127.0.0.1:8080/graphql',
    token: 'server-token',
  })
})

test('a server is found where it says that it answers, until it says so no more', async () => {
  const stateDir = await stateWith({ token: 'server-token\n' })
  const leave = await leaveAddress(stateDir, 'http://127.0.0.1:22180/graphql')
  const found = () => findTarget({}, { stateDir, http })
  expect(await found()).toEqual({ url: 'http://127.0.0.1:22180/graphql', token: 'server-token' })
  await leave()
  expect(await found()).toMatchObject({ url: 'http://127.0.0.1:8080/graphql' })

  await leaveAddress(stateDir, 'http://127.0.0.1:1/graphql')
  await leaveAddress(stateDir, 'http://127.0.0.1:2/graphql')
  await leave()
  expect(await found(), 'what another one left stays').toMatchObject({ url: 'http://127.0.0.1:2/graphql' })
})

test('a server whose token is known to nobody here is named, and a directory that cannot be written to holds up none', async () => {
  const stateDir = await stateWith({})
  await leaveAddress(stateDir, 'http://127.0.0.1:22180/graphql')
  await expect(findTarget({}, { stateDir, http })).rejects.toThrow(
    'There is no token for http://127.0.0.1:22180/graphql',
  )
  const leave = await leaveAddress(path.join(stateDir, 'not-there'), 'http://127.0.0.1:3/graphql')
  await leave()
})

test('what is given wins', async () => {
  const stateDir = await stateWith({ 'demo.json': JSON.stringify(demo) })
  const given = { server: 'https://fado.example', token: 't' }
  expect(await findTarget(given, { stateDir, http })).toEqual({ url: 'https://fado.example/graphql', token: 't' })
})

test('a token of this machine never goes to a server that was named', async () => {
  const stateDir = await stateWith({ 'demo.json': JSON.stringify(demo), token: 'server-token' })
  await expect(findTarget({ server: 'https://fado.example' }, { stateDir, http })).rejects.toMatchObject({
    exitCode: 4,
  })
})

test('where nothing runs, it says what to start', async () => {
  const stateDir = await stateWith({})
  await expect(findTarget({}, { stateDir, http })).rejects.toThrow('start one with npm run demo')
})

test.for(['nonsense', 'ftp://x'])('"%s" is no address', async (server) => {
  const stateDir = await stateWith({})
  await expect(findTarget({ server, token: 't' }, { stateDir, http })).rejects.toMatchObject({ exitCode: 2 })
})
