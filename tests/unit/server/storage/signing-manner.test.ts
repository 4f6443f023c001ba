// What a store is sent, where real ones cannot be had: gateways that check the whole path, and regions that contradict
// themselves.
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { createStorageDriver } from '../../../../server/storage/create-storage-driver.ts'
import { createRequestSigner, sha256 } from '../../../../server/storage/sign-request.ts'
import { kindOf } from '../../../conformance/storage/store-under-test.ts'
import { answering, type Hostility, startHostileServer } from '../../../support/hostile-server.ts'

const keys = { accessKey: 'a', secretKey: 'b' }
afterEach(() => void vi.useRealTimers())

const list = '<ListAllMyBucketsResult><Buckets></Buckets></ListAllMyBucketsResult>'
const error = (code: string, region: string) => `<Error><Code>${code}</Code><Region>${region}</Region></Error>`

/** Keeps the head of each request, and answers by it. */
async function recorded(answer: (head: string) => Hostility) {
  const heads: string[] = []
  const origin = await startHostileServer((socket, head) => {
    heads.push(head)
    answer(head)(socket, head)
  })
  return { heads, origin }
}

function driverAt(endpoint: string) {
  const driver = createStorageDriver({ endpoint, ...keys })
  onTestFinished(() => driver.close())
  return driver
}

const header = (head: string, name: string) => new RegExp(`^${name}: (.*)\\r$`, 'im').exec(head)?.[1] ?? ''
const regionOf = (head: string) => /Credential=[^/]+\/\d+\/([^/]+)/.exec(head)?.[1]

test('a gateway that checks the whole path is sent signatures of the whole path', async () => {
  const { heads, origin } = await recorded(() => answering('200 OK', { 'content-type': 'application/xml' }, list))
  await driverAt(`${origin}/storage/s3`).listBuckets()
  const head = heads.at(-1) ?? ''
  expect(head).toMatch(/^GET \/storage\/s3\/ HTTP/)
  const time = header(head, 'x-amz-date').replace(/(....)(..)(..)T(..)(..)(..)/, '$1-$2-$3T$4:$5:$6')
  vi.useFakeTimers({ now: new Date(time), toFake: ['Date'] })
  const request = {
    method: 'GET',
    host: new URL(origin).host,
    region: 'us-east-1',
    path: '/storage/s3/',
    query: {},
    headers: {},
  }
  const { authorization } = createRequestSigner(keys).sign(request, sha256(''), 'unicode')
  expect(header(head, 'authorization')).toBe(authorization)
})

test.for([
  ['in a body', '400 Bad Request', {}, error('AuthorizationHeaderMalformed', 'eu-1')],
  ['in a redirect', '301 Moved Permanently', {}, error('PermanentRedirect', 'eu-1')],
  ['in a header', '301 Moved Permanently', { 'x-amz-bucket-region': 'eu-1' }, ''],
] as const)('a region that is named %s is asked for once, and kept', async ([, status, headers, body]) => {
  const { heads, origin } = await recorded((head) =>
    regionOf(head) === 'eu-1' ? answering('200 OK', {}, '') : answering(status, headers, body),
  )
  const driver = driverAt(origin)
  for (let i = 0; i < 2; i++) expect(await driver.delete('photos', 'k')).toEqual({ versionsLeft: false })
  expect(heads.map(regionOf)).toEqual(['us-east-1', 'eu-1', 'eu-1'])
})

test('a region that no answer to a HEAD names is learnt from another call, and the HEAD is answered', async () => {
  const told = error('AuthorizationHeaderMalformed', 'eu-1')
  const { heads, origin } = await recorded((head) => {
    if (regionOf(head) === 'eu-1') return answering('200 OK', {}, '')
    return answering('400 Bad Request', {}, head.startsWith('HEAD') ? '' : told)
  })
  const driver = driverAt(origin)
  for (let i = 0; i < 2; i++) expect(await driver.headBucket('photos')).not.toBeNull()
  expect(heads.map((head) => `${head.split(' ')[0]} ${regionOf(head)}`)).toEqual([
    ...['HEAD us-east-1', 'GET us-east-1', 'GET eu-1', 'HEAD eu-1'],
    'HEAD eu-1',
  ])
})

test('a store that names one region after the other is not followed for ever', async () => {
  let count = 0
  const { heads, origin } = await recorded(() =>
    answering('400 Bad Request', {}, error('AuthorizationHeaderMalformed', `eu-${++count}`)),
  )
  expect(await kindOf(driverAt(origin).listBuckets())).toBe('signature')
  expect(heads).toHaveLength(2)
})
