import { expect, test } from 'vitest'
import { faasHints } from '../../../../server/domain/fleet/faas-hints.ts'

const plain = {
  ...({ kind: 'OPENFAAS', url: 'https://a.example', skipVerify: false, auth: null } as const),
  ...{ lacksPath: false, refusedSince: null },
}
const codes = (change: Partial<Parameters<typeof faasHints>[0]>) =>
  faasHints({ ...plain, ...change }).map(({ code }) => code)

test('of a deployment that is called safely there is nothing to say', () => {
  expect(codes({})).toEqual([])
  expect(codes({ url: 'http://a.example' })).toEqual([])
  expect(codes({ auth: { kind: 'bearer' } })).toEqual([])
})

test('it is said where certificates are not checked, and where a secret can be read on its way', () => {
  expect(codes({ skipVerify: true })).toEqual(['CERTIFICATE_UNCHECKED'])
  const [url, ownMachine] = ['http://a.example', 'http://127.0.0.1:80']
  for (const auth of [{ kind: 'bearer' }, { kind: 'key', header: 'x' }] as const) {
    expect(codes({ url, auth })).toEqual(['SECRET_UNENCRYPTED'])
    expect(codes({ url: ownMachine, auth })).toEqual([])
  }
  const aws = { kind: 'aws_sigv4', accessKey: 'a', region: 'b', service: 'c' } as const
  expect(codes({ url, auth: aws })).toEqual([])
})

test('a platform that refuses FaDO is said first, with since when', () => {
  const since = new Date('2026-11-29T08:00:00Z')
  const [first, ...others] = faasHints({ ...plain, skipVerify: true, refusedSince: since })
  expect(first).toMatchObject({
    code: 'PLATFORM_REFUSES',
    message: expect.stringContaining('fado function update'),
    since,
  })
  expect(others.map(({ code }) => code)).toEqual(['CERTIFICATE_UNCHECKED'])
})

test('an OpenFaaS gateway has the path where its health is asked; other platforms need not', () => {
  expect(codes({ lacksPath: true })).toEqual(['NOT_THE_PLATFORM'])
  expect(faasHints({ ...plain, lacksPath: true })[0]?.message).toBe(
    'It answers 404 to /healthz, so it seems to be no OpenFaaS gateway: another server is to be added with the platform HTTP (fado function add --kind HTTP)',
  )
  expect(codes({ kind: 'HTTP', lacksPath: true })).toEqual([])
})
