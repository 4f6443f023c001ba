// A certificate authority for tests, and certificates of servers and clients signed by it, made when needed with openssl.
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { tempDir } from './temp-dir.ts'

const run = promisify(execFile)

export type Pair = { readonly cert: string; readonly key: string }

export type Certificates = {
  /** The authority's own certificate. */
  readonly ca: string
  /** `names`: such as `DNS:fado`. `until`: their end, or in how many days it is, default 2; 0: they have expired. */
  readonly issue: (names: string[], until?: number | Date) => Promise<Pair>
}

const dayMs = 86_400_000
const second = (date: Date) => `${date.toISOString().replace(/[-:T]|\..*/g, '')}Z`

/** `dir`: where it keeps its files; default: until the end of the test. */
export async function createAuthority(dir?: string): Promise<Certificates> {
  const place = dir ?? (await tempDir())
  const at = (file: string) => path.join(place, file)
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const subject = ['-subj', '/CN=fado-test']
  const lasting = ['-days', '2', ...subject, '-keyout', at('ca.key'), '-out', at('ca.crt')]
  await run('openssl', ['req', '-x509', ...key, ...lasting])
  const own = [
    ...['[ca]', 'default_ca=own', '[own]', `database=${at('index')}`, `new_certs_dir=${place}`, 'rand_serial=yes'],
    ...['unique_subject=no', 'default_md=sha256', 'policy=any', '[any]', 'commonName=optional', ''],
  ]
  await Promise.all([writeFile(at('ca.conf'), own.join('\n')), writeFile(at('index'), '')])
  let issued = 0
  return {
    ca: await readFile(at('ca.crt'), 'utf8'),
    async issue(names, until = 2) {
      issued++
      const file = (kind: string) => at(`${issued}.${kind}`)
      const named = names.map((name, i) => name.replace(':', `.${i}=`))
      await writeFile(file('ext'), ['subjectAltName=@names', '[names]', ...named, ''].join('\n'))
      await run('openssl', ['req', ...key, ...subject, '-keyout', file('key'), '-out', file('csr')])
      const end = typeof until === 'number' ? new Date(Date.now() + until * dayMs) : until
      const by = ['-cert', at('ca.crt'), '-keyfile', at('ca.key'), '-extfile', file('ext'), '-notext', '-batch']
      await run('openssl', [
        'ca',
        '-config',
        at('ca.conf'),
        ...by,
        '-enddate',
        second(end),
        '-in',
        file('csr'),
        '-out',
        file('crt'),
      ])
      return { cert: await readFile(file('crt'), 'utf8'), key: await readFile(file('key'), 'utf8') }
    },
  }
}
