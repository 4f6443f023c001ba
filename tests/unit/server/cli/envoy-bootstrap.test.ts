import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { buildBootstrap } from '../../../../proxy/bootstrap.ts'
import { envoyBootstrap } from '../../../../server/cli/envoy-bootstrap.ts'
import type { EnvoyBootstrapSettings } from '../../../../server/cli/program.ts'
import { parseConfig } from '../../../../server/config.ts'
import { tempDir } from '../../../support/temp-dir.ts'

async function tokenFile(text: string): Promise<string> {
  const file = path.join(await tempDir(), 'proxy.token')
  await writeFile(file, text)
  return file
}

async function run(settings: Partial<EnvoyBootstrapSettings>, env: Record<string, string> = {}) {
  const printed: string[] = []
  const print = (text: string) => printed.push(text)
  const code = await envoyBootstrap({ nodeId: 'edge-1', ...settings }, { config: parseConfig(env), print })
  return { code, bootstrap: JSON.parse(printed.join('\n')) as unknown }
}

test('what an Envoy starts with is printed, for the addresses that are given, with the token of the file', async () => {
  const xds = ['fado-a.example.org', 'fado-b.example.org'].map((address) => ({ address, port: 18_001 }))
  const place = { xds, admin: { address: '127.0.0.1', port: 9902 } }
  const { code, bootstrap } = await run({ tokenFile: await tokenFile('fado_abc\n'), ...place })
  expect(code).toBe(0)
  expect(bootstrap).toEqual(buildBootstrap({ nodeId: 'edge-1', token: 'fado_abc', ...place }))
})

test('without addresses it is for an Envoy beside this FaDO', async () => {
  const { bootstrap } = await run({ tokenFile: await tokenFile('t') }, { FADO_XDS_PORT: '18002' })
  const place = { xds: [{ address: '127.0.0.1', port: 18_002 }], admin: { address: '127.0.0.1', port: 9901 } }
  expect(bootstrap).toEqual(buildBootstrap({ nodeId: 'edge-1', token: 't', ...place }))
})

test('where FaDO listens for others the address must be given', async () => {
  const file = await tokenFile('t')
  await expect(run({ tokenFile: file }, { FADO_XDS_ADDRESS: '0.0.0.0' })).rejects.toThrow(
    'say where the Envoy reaches it',
  )
})

test.for([
  ['', ''],
  ['two words', ''],
  ['two\nlines', ''],
])('a file that holds %j is no token, and is not repeated', async ([text]) => {
  await expect(run({ tokenFile: await tokenFile(text ?? '') })).rejects.toThrow('holds no token')
  await expect(run({ tokenFile: '/nowhere/token' })).rejects.toThrow('/nowhere/token cannot be read (it is not there)')
})

const overTls = { FADO_XDS_CERTIFICATE: 'fado.crt', FADO_XDS_KEY: 'fado.key' }
const client = { clientCertificate: '/etc/envoy/edge-1.crt', clientKey: '/etc/envoy/edge-1.key' }

test('over TLS it names the files as the Envoy finds them, and needs no token where it has a certificate', async () => {
  const xds = ['a.example', 'b.example', '10.0.0.1', 'a.example'].map((address, i) => ({ address, port: 18_000 + i }))
  const { bootstrap } = await run({ xds, caFile: '/etc/envoy/ca.crt', ...client })
  const text = JSON.stringify(bootstrap)
  expect(text).not.toContain('credential_injector')
  expect(text).toContain('"trusted_ca":{"filename":"/etc/envoy/ca.crt"}')
  expect(text).toContain('"private_key":{"filename":"/etc/envoy/edge-1.key"}')
  expect(text).toContain(
    JSON.stringify([
      { san_type: 'DNS', matcher: { exact: 'a.example' } },
      { san_type: 'DNS', matcher: { exact: 'b.example' } },
      { san_type: 'IP_ADDRESS', matcher: { exact: '10.0.0.1' } },
    ]),
  )
  const withToken = await run({ xds, caFile: '/etc/envoy/ca.crt', tokenFile: await tokenFile('t') })
  expect(JSON.stringify(withToken.bootstrap)).toContain('Bearer t')
})

test.for<[string, Partial<EnvoyBootstrapSettings>, Record<string, string>, string]>([
  ['the key is missing', { ...client, clientKey: undefined as never, caFile: 'ca' }, {}, 'go together'],
  ['a certificate would go over a plain connection', client, {}, 'goes with --ca-file'],
  ['this FaDO serves over TLS and no authority is named', {}, overTls, 'say with --ca-file'],
])('it is refused where %s', async ([, settings, env, message]) => {
  const proof = Object.keys(settings).length === 0 ? { tokenFile: await tokenFile('t') } : {}
  await expect(run({ ...settings, ...proof }, env)).rejects.toThrow(message)
})
