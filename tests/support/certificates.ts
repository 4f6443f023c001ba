// A certificate authority for tests, and certificates of servers signed by it, made when needed with openssl.
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { tempDir } from './temp-dir.ts'

const run = promisify(execFile)

export type Certificates = {
  /** The authority's own certificate. */
  readonly ca: string
  /** `days`: how long they are valid, default 2; 0: they have expired. */
  readonly issue: (names: string[], days?: number) => Promise<{ cert: string; key: string }>
}

/** `dir`: where it keeps its files; default: until the end of the test. */
export async function createAuthority(dir?: string): Promise<Certificates> {
  const place = dir ?? (await tempDir())
  const at = (file: string) => path.join(place, file)
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const subject = ['-subj', '/CN=fado-test']
  await run('openssl', ['req', '-x509', ...key, ...subject, '-keyout', at('ca.key'), '-out', at('ca.crt')])
  let issued = 0
  return {
    ca: await readFile(at('ca.crt'), 'utf8'),
    async issue(names, days = 2) {
      issued++
      const file = (kind: string) => at(`${issued}.${kind}`)
      await writeFile(file('ext'), `subjectAltName=${names.join(',')}\n`)
      await run('openssl', ['req', ...key.slice(0, -2), ...subject, '-keyout', file('key'), '-out', file('csr')])
      const by = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', file('ext')]
      await run('openssl', ['x509', '-req', '-days', String(days), '-in', file('csr'), ...by, '-out', file('crt')])
      return { cert: await readFile(file('crt'), 'utf8'), key: await readFile(file('key'), 'utf8') }
    },
  }
}
