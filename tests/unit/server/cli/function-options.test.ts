import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { callInput, withCallOptions, withTakingAway } from '../../../../server/cli/function-options.ts'
import { tempDir } from '../../../support/temp-dir.ts'

const secrets = (secret?: string, sessionToken?: string) => ({ functionSecrets: { secret, sessionToken } })

/** The API's input for options as they are typed. */
async function input(args: readonly string[], given = secrets('the-secret')) {
  const command = withTakingAway(withCallOptions(new Command(), true))
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  command.parse([...args], { from: 'user' })
  return callInput(command.opts(), given)
}

test('what is not given is left out', async () => {
  expect(await input([])).toEqual({})
  expect(await input(['--weight', '3', '--path-template', '/api/{name}', '--payload', 'raw'])).toEqual({
    weight: 3,
    pathTemplate: '/api/{name}',
    payload: 'RAW',
  })
  expect(await input(['--takes', 'grpc'])).toEqual({ takes: 'GRPC' })
  expect(await input(['--functions', 'a,b', '--functions', 'c'])).toEqual({ functions: ['a', 'b', 'c'] })
})

test('what was set is taken away by words of its own', async () => {
  const words = ['--path-template', 'default', '--payload', 'default', '--any-function', '--no-auth', '--no-tls']
  expect(await input(words)).toEqual({ pathTemplate: null, payload: null, functions: null, auth: null, tls: null })
  expect(await input(['--ca-file', 'none', '--client-certificate', 'none', '--no-skip-tls-verify'])).toEqual({
    tls: { ca: null, clientCertificate: null, skipVerify: false },
  })
})

test('secrets are read, and files by their names', async () => {
  const dir = await tempDir()
  const file = path.join(dir, 'file')
  await writeFile(file, 'its text')
  expect(await input(['--aws-access-key', 'AKIA', '--aws-region', 'eu'], secrets('s', 't'))).toEqual({
    auth: { awsSigV4: { accessKey: 'AKIA', secretKey: 's', sessionToken: 't', region: 'eu' } },
  })
  expect(await input(['--aws-access-key', 'AKIA', '--aws-region', 'eu', '--aws-service', 'execute-api'])).toEqual({
    auth: { awsSigV4: { accessKey: 'AKIA', secretKey: 'the-secret', region: 'eu', service: 'execute-api' } },
  })
  expect(await input(['--key-header', 'x-functions-key'])).toEqual({
    auth: { key: { header: 'x-functions-key', value: 'the-secret' } },
  })
  expect(await input(['--bearer'])).toEqual({ auth: { bearer: 'the-secret' } })
  expect(await input(['--google-service-account', file])).toEqual({ auth: { googleServiceAccount: 'its text' } })
  const tls = ['--ca-file', file, '--client-certificate', file, '--client-key', file, '--skip-tls-verify']
  expect(await input(tls)).toEqual({
    tls: { ca: 'its text', clientCertificate: 'its text', clientKey: 'its text', skipVerify: true },
  })
})

test.each([
  [['--bearer', '--key-header', 'x-key'], 'Say one of'],
  [['--bearer', '--no-auth'], 'Say one of'],
  [['--aws-access-key', 'AKIA'], '--aws-access-key needs --aws-region'],
  [['--aws-region', 'eu'], 'go with --aws-access-key'],
  [['--functions', 'a', '--any-function'], 'exclude each other'],
  [['--functions', ''], '--functions is empty: name at least one, or --any-function'],
  [['--no-tls', '--ca-file', 'none'], '--no-tls takes all of them away'],
  [['--client-key', '/nowhere/key'], '--client-key /nowhere/key cannot be read'],
])('%j is wrong usage', async (args, message) => {
  await expect(input(args)).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining(message) })
})
