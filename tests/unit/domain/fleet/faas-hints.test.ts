import { expect, test } from 'vitest'
import { faasHints } from '../../../../server/domain/fleet/faas-hints.ts'

const plain = { url: 'https://a.example', skipVerify: false, auth: null }
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
