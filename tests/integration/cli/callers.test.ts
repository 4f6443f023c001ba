import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadCallers } from '../../../server/db/proxies/callers.ts'
import { createAuthority } from '../../support/certificates.ts'
import { runFado } from '../../support/commands.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { keySet, signingKey } from '../../support/tokens.ts'
import { startTestWeb } from '../../support/web.ts'

test('fado caller makes callers of all kinds and deletes them, fado get callers shows them, a policy names them', async () => {
  const web = await startTestWeb()
  onTestFinished(() => web.stop())
  async function fado(...args: string[]) {
    const { code, text } = await runFado(web, args)
    return [code, text] as const
  }
  const jwks = path.join(await tempDir(), 'keys.json')
  await writeFile(jwks, keySet(signingKey('k1')))
  expect(await fado('caller', 'create', 'nightly', '--key')).toEqual([0, expect.stringMatching(/^fado_eyJ\S+$/)])
  const claims = ['--claim', 'role=nurse,doctor', '--claim', 'dept=a=b']
  const issuer = ['--issuer', 'https://login.example', '--jwks', jwks, '--audiences', 'fado,eu']
  expect(await fado('caller', 'create', 'nurses', ...issuer, ...claims)).toEqual([0, 'Created nurses.'])
  expect((await loadCallers(web.pool)).callers).toContainEqual(
    expect.objectContaining({
      issuer: 'https://login.example',
      audiences: ['fado', 'eu'],
      claims: [
        { name: 'role', values: ['nurse', 'doctor'] },
        { name: 'dept', values: ['a=b'] },
      ],
    }),
  )
  const { ca } = await createAuthority()
  const caFile = path.join(await tempDir(), 'ca.pem')
  await writeFile(caFile, ca)
  const names = ['--san', 'spiffe://clinic.example/nurse', 'nurse.example']
  expect(await fado('caller', 'create', 'ward', '--ca-file', caFile, ...names)).toEqual([0, 'Created ward.'])
  expect((await loadCallers(web.pool)).callers).toContainEqual(
    expect.objectContaining({ authority: ca, names: ['spiffe://clinic.example/nurse', 'nurse.example'] }),
  )
  const [, shown] = await fado('get', 'callers')
  expect(shown).toMatch(
    /NAME +KNOWN BY +NAMED BY\nnightly +a key.*\nnurses +tokens of an issuer.*\nward +a certificate/,
  )
  expect((await fado('policy', 'set', 'callers=nightly,nurses', '--global'))[0]).toBe(0)
  expect(await fado('policy', 'set', 'callers=nobody', '--global')).toEqual([
    expect.any(Number),
    expect.stringContaining('There is no caller nobody'),
  ])
  expect((await fado('get', 'callers'))[1]).toMatch(/nightly +a key +all buckets\n/)
  expect(await fado('caller', 'delete', 'nightly')).toEqual([
    0,
    'Deleted nightly.\nWithout it the others that the policy callers names may call all buckets.',
  ])
  expect(await fado('caller', 'rm', 'ward')).toEqual([0, 'Deleted ward.'])
  expect((await fado('caller', 'delete', 'nightly'))[0]).not.toBe(0)
  for (const how of [
    [],
    ['--issuer', 'x'],
    ['--key', '--issuer', 'x'],
    ['--issuer', 'x', '--claim', 'role'],
    ['--ca-file', caFile],
    ['--ca-file', caFile, '--key'],
    ['--ca-file', `${caFile}.no`, '--san', 'x'],
    ['--san', 'x'],
  ])
    expect((await fado('caller', 'create', 'x', ...how))[0]).not.toBe(0)
})
