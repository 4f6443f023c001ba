import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { rootCertificates } from 'node:tls'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { trustedCertificates } from '../../../server/trusted-certificates.ts'
import { createAuthority } from '../../support/certificates.ts'
import { tempDir } from '../../support/temp-dir.ts'

const sources = (system: string[], extra: string[]) => (source: 'system' | 'bundled' | 'extra') =>
  ({ system, extra, bundled: ['public 1', 'public 2'] })[source]

test.for([
  ["the system's and one's own", ['administrator'], ['own'], ['administrator', 'own']],
  ["one's own beside the public ones where the system has none", [], ['own'], ['public 1', 'public 2', 'own']],
  ['the public ones where there is nothing else', [], [], ['public 1', 'public 2']],
  ['each once', ['administrator', 'own'], ['own'], ['administrator', 'own']],
] as const)('trusted are %s', ([, system, extra, trusted]) => {
  expect(trustedCertificates(sources([...system], [...extra]))).toEqual(trusted)
})

test('on a machine without certificates a private authority is trusted beside the public ones', async () => {
  const dir = await tempDir()
  const { ca } = await createAuthority()
  const [none, extra] = [path.join(dir, 'none'), path.join(dir, 'own.pem')]
  await writeFile(extra, ca)
  const env = { ...process.env, SSL_CERT_FILE: none, SSL_CERT_DIR: none, NODE_EXTRA_CA_CERTS: extra }
  const program = `import { trustedCertificates } from './server/trusted-certificates.ts'
    console.log(JSON.stringify(trustedCertificates()))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { env })
  const trusted = JSON.parse(stdout) as string[]
  expect(trusted).toHaveLength(rootCertificates.length + 1)
  expect(trusted.map((one) => one.trim())).toContain(ca.trim())
  expect(trusted).toEqual(expect.arrayContaining([...rootCertificates]))
})
