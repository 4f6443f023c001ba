import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { FadoError } from '../../../../../server/domain/errors.ts'
import type { FaasKind } from '../../../../../server/domain/fleet/platform.ts'
import type { FaasCredentials } from '../../../../../server/faas/credentials.ts'
import {
  checkFaas,
  type FaasInput,
  newFaas,
  type WantedFaas,
} from '../../../../../server/services/clusters/faas-settings.ts'
import { createAuthority } from '../../../../support/certificates.ts'

const url = 'https://functions.example.org'
const add = (input: FaasInput, kind: FaasKind = 'HTTP') => checkFaas(kind, newFaas, { url, ...input })
/** With secrets that cannot be opened, if `lost`. */
const change = (before: WantedFaas, input: FaasInput, { lost = false } = {}) => {
  const credentials = (): FaasCredentials => {
    if (lost) throw new FadoError('UNSAFE', 'another key')
    return before.credentials
  }
  return checkFaas('HTTP', { ...before, credentials }, input)
}
const refusedAt = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    if (error instanceof FadoError && error.code === 'VALIDATION_FAILED') return error.path?.join('.') ?? ''
    throw error
  }
  return 'taken'
}

const aws = { accessKey: 'AKIA', secretKey: 'secret', region: 'eu-central-1', service: 'lambda' }
const account = (change = {}) =>
  JSON.stringify({
    type: 'service_account',
    client_email: 'fado@project.example',
    private_key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    }),
    ...change,
  })

test('a deployment of which only the url is said is called as its platform wants it', () => {
  expect(checkFaas('AZURE_FUNCTIONS', newFaas, { url: `${url}/` })).toEqual({
    ...newFaas,
    url,
    credentials: {},
  })
})

test('which calls a deployment takes stays until another word is said', () => {
  const greeter = add({ takes: 'grpc' })
  expect([greeter.takes, change(greeter, {}).takes, change(greeter, { takes: null }).takes]).toEqual([
    'grpc',
    'grpc',
    'plain',
  ])
})

test.each([
  ['HTTP', { pathTemplate: 'api/{name}' }, 'pathTemplate'],
  ['HTTP', { pathTemplate: '/{nam}' }, 'pathTemplate'],
  ['HTTP', { pathTemplate: '/{name}/{name}' }, 'pathTemplate'],
  ['HTTP', { pathTemplate: '/{name}?code=1' }, 'pathTemplate'],
  ['KNATIVE', { url: 'http://10.0.0.1' }, 'pathTemplate'],
  ['AZURE_FUNCTIONS', { payload: 'event' }, 'payload'],
  ['OPENFAAS', { takes: 'grpc' }, 'takes'],
  ['GOOGLE_CLOUD_FUNCTIONS', { url: 'https://p.cloudfunctions.net', takes: 'both' }, 'takes'],
  ['HTTP', { functions: ['resize', 'no/slash'] }, 'functions.1'],
  ['HTTP', { functions: [''] }, 'functions.0'],
  ['HTTP', { weight: 129 }, 'weight'],
  ['HTTP', { url: 'http://a', tls: { skipVerify: true } }, 'tls'],
  ['HTTP', { tls: { ca: 'no pem', skipVerify: false } }, 'tls.ca'],
  ['HTTP', { tls: { clientKey: 'key', skipVerify: false } }, 'tls.clientKey'],
  ['AWS_LAMBDA', { auth: { awsSigV4: { ...aws, secretKey: '' } } }, 'auth.awsSigV4.secretKey'],
  ['AWS_LAMBDA', { auth: { awsSigV4: { ...aws, region: 'eu central' } } }, 'auth.awsSigV4.region'],
  ['HTTP', { auth: { key: { header: 'two words', value: 'v' } } }, 'auth.key.header'],
  ['HTTP', { auth: { key: { header: 'Host', value: 'v' } } }, 'auth.key.header'],
  ['HTTP', { auth: { key: { header: 'X-FaDO-Bucket', value: 'v' } } }, 'auth.key.header'],
  ['HTTP', { auth: { key: { header: 'x-key', value: 'two\nlines' } } }, 'auth.key.value'],
  ['HTTP', { auth: { key: { header: 'x-key', value: '' } } }, 'auth.key.value'],
  ['HTTP', { auth: { bearer: '' } }, 'auth.bearer'],
  ['HTTP', { auth: { googleServiceAccount: '{}' } }, 'auth.googleServiceAccount'],
  ['HTTP', { auth: { googleServiceAccount: account({ private_key: 'k' }) } }, 'auth.googleServiceAccount'],
] as const satisfies readonly (readonly [FaasKind, FaasInput, string])[])('%s %j is refused', (kind, input, path) => {
  expect(refusedAt(() => add(input, kind))).toBe(path)
})

test('a list of functions is kept short, sorted and without doubles', () => {
  expect(add({ functions: ['b', 'a', 'b'] }).functions).toEqual(['a', 'b'])
  expect(refusedAt(() => add({ functions: Array.from({ length: 1_001 }, (_, i) => `f${i}`) }))).toBe('functions')
})

test('what a proof shows is kept apart from its secret', () => {
  expect(add({ auth: { awsSigV4: { ...aws, sessionToken: 'lent' } } })).toMatchObject({
    auth: { kind: 'aws_sigv4', accessKey: 'AKIA', region: 'eu-central-1', service: 'lambda' },
    credentials: { secretKey: 'secret', sessionToken: 'lent' },
  })
  expect(add({ auth: { key: { header: 'X-Functions-Key', value: 'v' } } })).toMatchObject({
    auth: { kind: 'key', header: 'x-functions-key' },
    credentials: { value: 'v' },
  })
  expect(add({ auth: { bearer: 't' } })).toMatchObject({
    auth: { kind: 'bearer' },
    credentials: { value: 'Bearer t' },
  })
  const file = account()
  expect(add({ auth: { googleServiceAccount: file }, functions: ['f'] })).toMatchObject({
    auth: { kind: 'google_service_account', account: 'fado@project.example' },
    credentials: { serviceAccount: file },
  })
})

describe('a change', () => {
  const lambda = () =>
    add({ auth: { awsSigV4: { ...aws, sessionToken: 'lent' } }, pathTemplate: '/x', functions: ['f'] })
  test('leaves what it does not name, and takes away what it names as null', () => {
    expect(change(lambda(), { weight: 3 })).toEqual({ ...lambda(), weight: 3 })
    expect(change(lambda(), { pathTemplate: null, functions: null, auth: null })).toMatchObject({
      pathTemplate: null,
      functions: [],
      auth: null,
      credentials: {},
    })
  })
  test('keeps the secret of the same access key and of a key under another header, and of nothing else', () => {
    const shown = { ...aws, secretKey: '' }
    const moved = change(lambda(), { auth: { awsSigV4: { ...shown, region: 'us-east-1' } } })
    expect(moved).toMatchObject({ auth: { region: 'us-east-1' }, credentials: lambda().credentials })
    const rotated = change(lambda(), { auth: { awsSigV4: aws } })
    expect(rotated.credentials).toEqual({ secretKey: 'secret' })
    expect(refusedAt(() => change(lambda(), { auth: { awsSigV4: { ...shown, accessKey: 'AKIB' } } }))).toBe(
      'auth.awsSigV4.secretKey',
    )
    const key = add({ auth: { key: { header: 'x-a', value: 'v' } } })
    expect(change(key, { auth: { key: { header: 'x-b', value: '' } } })).toMatchObject({
      auth: { header: 'x-b' },
      credentials: { value: 'v' },
    })
    expect(refusedAt(() => change(lambda(), { auth: { key: { header: 'x-b', value: '' } } }))).toBe('auth.key.value')
  })
  test('sends no stored key or token to another address; a signature tells nothing', () => {
    const other = { url: 'https://elsewhere.example.org' }
    for (const auth of [{ key: { header: 'x-a', value: 'v' } }, { bearer: 't' }]) {
      const before = add({ auth })
      expect(refusedAt(() => change(before, other))).toBe('auth')
      expect(refusedAt(() => change(before, { url: url.replace('https', 'http') }))).toBe('auth')
      expect(change(before, { url: `${url}/base` }).credentials).toEqual(before.credentials)
      expect(change(before, { ...other, auth }).credentials).toEqual(before.credentials)
      expect(change(before, { ...other, auth: null }).credentials).toEqual({})
    }
    expect(
      refusedAt(() =>
        change(add({ auth: { key: { header: 'x-a', value: 'v' } } }), {
          ...other,
          auth: { key: { header: 'x-b', value: '' } },
        }),
      ),
    ).toBe('auth')
    expect(change(lambda(), other).credentials).toEqual(lambda().credentials)
  })
  test('opens stored secrets only where some of them are kept', () => {
    const before = lambda()
    expect(() => change(before, { weight: 2 }, { lost: true })).toThrow(expect.objectContaining({ code: 'UNSAFE' }))
    expect(change(before, { auth: { awsSigV4: aws } }, { lost: true }).credentials).toEqual({ secretKey: 'secret' })
    expect(change(before, { auth: null }, { lost: true }).credentials).toEqual({})
    expect(change(add({}), { tls: { skipVerify: true } }, { lost: true }).skipVerify).toBe(true)
  })
})

describe('TLS', () => {
  async function makeCertificates() {
    const { ca, issue } = await createAuthority()
    const [one, two] = [await issue(['DNS:fado']), await issue(['DNS:fado'])]
    return { ca, one, two, shown: { ca, clientCertificate: one.cert, clientKey: one.key, skipVerify: false } }
  }
  test('a client certificate needs its own key, and a key is never taken for a certificate', async () => {
    const { ca, one, two, shown } = await makeCertificates()
    expect(add({ tls: shown })).toMatchObject({
      caCertificates: ca,
      clientCertificate: one.cert,
      skipVerify: false,
      credentials: { clientKey: one.key },
    })
    expect(refusedAt(() => add({ tls: { ...shown, clientKey: two.key } }))).toBe('tls.clientKey')
    expect(refusedAt(() => add({ tls: { clientCertificate: one.cert, skipVerify: false } }))).toBe('tls.clientKey')
    expect(refusedAt(() => add({ tls: { ...shown, clientCertificate: one.cert + one.key } }))).toBe(
      'tls.clientCertificate',
    )
  })
  test('what a change leaves out stays, the key too, as long as it fits', async () => {
    const { one, two, shown } = await makeCertificates()
    const before = add({ tls: shown, auth: { bearer: 't' } })
    expect(change(before, { tls: { ca: null, skipVerify: false } })).toEqual({ ...before, caCertificates: null })
    expect(change(before, { tls: { clientCertificate: one.cert, skipVerify: false } })).toEqual(before)
    expect(refusedAt(() => change(before, { tls: { clientCertificate: two.cert, skipVerify: false } }))).toBe(
      'tls.clientKey',
    )
    expect(change(before, { tls: { clientCertificate: null, skipVerify: false } })).toMatchObject({
      clientCertificate: null,
      credentials: { value: 'Bearer t' },
    })
    expect(change(before, { tls: null })).toEqual({ ...before, ...add({ auth: { bearer: 't' } }) })
    expect(change(before, { auth: null }).credentials).toEqual({ clientKey: one.key })
  })
})
