// The examples of AWS, https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and
// .../sigv4-query-string-auth.html: a signature is right or wrong to the last bit.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRequestSigner, sha256, unsignedPayload } from '../../../../server/storage/sign-request.ts'

const keys = { accessKey: 'AKIAIOSFODNN7EXAMPLE', secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }
const common = { host: 'examplebucket.s3.amazonaws.com', region: 'us-east-1', path: '/', query: {}, headers: {} }
const empty = sha256('')

beforeEach(() => void vi.useFakeTimers({ now: new Date('2013-05-24T00:00:00Z') }))
afterEach(() => void vi.useRealTimers())

const signatureOf = (headers: Record<string, string>) => /Signature=(\w+)$/.exec(headers['authorization'] ?? '')?.[1]

test.for([
  [
    'a GET of a range',
    { method: 'GET', path: '/test.txt', headers: { range: 'bytes=0-9' } },
    empty,
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  [
    'a PUT',
    {
      method: 'PUT',
      path: '/test%24file.text',
      headers: { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
    },
    sha256('Welcome to Amazon S3.'),
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  ],
  [
    'a sub-resource',
    { method: 'GET', query: { lifecycle: '' } },
    empty,
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ],
  [
    'a listing, whatever the order of its parameters',
    { method: 'GET', query: { prefix: 'J', 'max-keys': '2' } },
    empty,
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ],
] as const)('%s is signed as AWS signs it', ([, request, payload, signature]) => {
  const signed = createRequestSigner(keys).sign({ ...common, ...request }, payload, 'unicode')
  expect(signatureOf(signed)).toBe(signature)
  expect(signed).toMatchObject({ ...('headers' in request ? request.headers : {}), 'x-amz-content-sha256': payload })
})

test('a presigned address is that of AWS, but for the digest that names no body', () => {
  const query = createRequestSigner(keys).presign({ ...common, method: 'GET', path: '/test.txt' }, 86_400)
  expect(query).toMatchObject({
    'X-Amz-Credential': 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request',
    'X-Amz-Date': '20130524T000000Z',
    'X-Amz-Expires': '86400',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Content-Sha256': unsignedPayload,
    'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
  })
})

test('another day or another region is another key; the same is the same again', () => {
  const signer = createRequestSigner(keys)
  const sign = (region: string) =>
    signatureOf(signer.sign({ ...common, region, method: 'GET', query: { lifecycle: '' } }, empty, 'unicode'))
  const first = sign('us-east-1')
  const other = sign('eu-west-1')
  vi.setSystemTime(new Date('2013-05-25T00:00:00Z'))
  const nextDay = sign('us-east-1')
  vi.setSystemTime(new Date('2013-05-24T00:00:00Z'))
  expect(sign('us-east-1')).toBe(first)
  expect(new Set([first, other, nextDay]).size).toBe(3)
})

test('a session token goes along and is signed, in headers and in addresses', () => {
  const signer = createRequestSigner({ ...keys, sessionToken: 'the/token+' })
  const signed = signer.sign({ ...common, method: 'GET' }, empty, 'unicode')
  expect(signed['x-amz-security-token']).toBe('the/token+')
  expect(signed['authorization']).toContain(';x-amz-security-token,')
  expect(signer.presign({ ...common, method: 'GET' }, 60)['X-Amz-Security-Token']).toBe('the/token+')
})
