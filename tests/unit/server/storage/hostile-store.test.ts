// Whatever answers at a store's address, a call ends with a StorageError.
import { describe, expect, test } from 'vitest'
import { createStorageDriver } from '../../../../server/storage/create-storage-driver.ts'
import { StorageError } from '../../../../server/storage/storage-error.ts'
import { answering, type Hostility, startHostileServer } from '../../../support/hostile-server.ts'
import {
  accessOfTest,
  driverAt,
  expectAll,
  failureOf,
  object,
  ok,
  patient,
  secretOfTest,
  without,
} from './hostile-calls.ts'

describe('a store that', () => {
  test('answers without end is cut off', async () => {
    const chunk = `10000\r\n${'<a>'.repeat(0x10000 / 3).padEnd(0x10000)}\r\n`
    const driver = await driverAt((socket) => {
      socket.write(`${ok}transfer-encoding: chunked\r\n\r\n`)
      const more = () => {
        while (!socket.destroyed && socket.write(chunk));
      }
      socket.on('drain', more)
      more()
    })
    await expectAll(driver, ['protocol'], ['listBuckets', 'list', 'getTags', 'subscribe'])
  })

  test('cuts the connection before or within its answer is unreachable', async () => {
    await expectAll(await driverAt((socket) => void socket.destroy()), ['unreachable'])
    const cut = await driverAt((socket) => void socket.end(`${ok}${object}content-length: 100\r\n\r\n<a>`))
    await expectAll(cut, ['unreachable'], without('ping', 'headBucket', 'head', 'parts'))
  })

  test('resets the connection in the middle of an upload is unreachable', async () => {
    await expectAll(await driverAt((socket) => void socket.resetAndDestroy()), ['unreachable'], ['put', 'uploadPart'])
  })

  test('is not HTTP at all is a breach of protocol', async () => {
    for (const garbage of ['SSH-2.0-OpenSSH_9.2\r\n', 'HTTP/1.1 abc\r\n\r\n', `${'x'.repeat(100_000)}\r\n\r\n`]) {
      await expectAll(await driverAt((socket) => void socket.end(garbage)), ['protocol', 'unreachable'])
    }
  })

  test('lies about the length of its answer is never believed', async () => {
    const longer = await driverAt((socket) => void socket.end(`${ok}${object}content-length: 3\r\n\r\n<a>and more`))
    await expectAll(longer, ['protocol', 'unreachable'], ['list', 'getTags', 'listBuckets', 'createUpload'])
    const twice = await driverAt((socket) => void socket.end(`${ok}content-length: 3\r\ncontent-length: 5\r\n\r\n<a>`))
    await expectAll(twice, ['protocol', 'unreachable'])
    const negative = await driverAt((socket) => void socket.end(`${ok}${object}content-length: -1\r\n\r\n`))
    await expectAll(negative, ['protocol', 'unreachable'])
  })

  test('sends headers without end is a breach of protocol', async () => {
    const driver = await driverAt((socket) => void socket.end(`${ok}${'x-a: b\r\n'.repeat(5_000)}\r\n`))
    await expectAll(driver, ['protocol', 'unreachable'], ['ping', 'open', 'read', 'put', 'createBucket', 'list'])
  })

  test('redirects is not followed', async () => {
    const location = 'http://169.254.169.254/latest/meta-data'
    for (const status of ['301 Moved Permanently', '302 Found', '307 Temporary Redirect', '308 Permanent Redirect']) {
      const driver = await driverAt(answering(status, { location }, ''))
      await expectAll(driver, ['protocol'], without('ping'))
    }
  })

  test('is a web site is told from a store, whatever its status', async () => {
    const headers = { 'content-type': 'text/html; charset=utf-8' }
    const page = '<!DOCTYPE html><html><body><h1>Welcome</h1></body></html>'
    for (const status of ['200 OK', '403 Forbidden', '404 Not Found']) {
      const driver = await driverAt(answering(status, headers, page))
      // A website's 200 to a write or a HEAD of a bucket cannot be told from a store's.
      const silent =
        status === '200 OK'
          ? ['headBucket', 'createBucket', 'delete', 'deleteVersion', 'putTags', 'abortUpload', 'parts']
          : []
      await expectAll(driver, ['protocol'], without('ping', 'deleteBucket', ...silent))
    }
  })

  test('echoes credentials and signatures is not repeated', async () => {
    const echo: Hostility = (socket, request) => {
      const text = `<Error><Code>Other</Code><Message>${secretOfTest} ${accessOfTest} ${request}</Message></Error>`
      answering('400 Bad Request', {}, text)(socket, request)
    }
    await expectAll(await driverAt(echo), ['refused', 'unsupported'], without('ping', 'probe'))
  })

  test('sends XML made to exhaust a parser fails its call at once', async () => {
    const entities = Array.from({ length: 12 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`).join('')
    const bomb = `<!DOCTYPE x [<!ENTITY e0 "ha">${entities}]>`
    const documents = [
      `${bomb}<ListBucketResult><IsTruncated>false</IsTruncated><Name>&e12;</Name></ListBucketResult>`,
      `${bomb}<ListAllMyBucketsResult><Buckets><Bucket><Name>&e12;</Name></Bucket></Buckets></ListAllMyBucketsResult>`,
      '<a>'.repeat(300_000),
      `<ListAllMyBucketsResult>${'<Buckets>'.repeat(300_000)}`,
    ]
    for (const document of documents) {
      const driver = await driverAt(answering('200 OK', { 'content-type': 'application/xml' }, document))
      const started = performance.now()
      await expectAll(driver, ['protocol'], ['list', 'getTags', 'createUpload', 'subscribe', 'listBuckets'])
      expect(performance.now() - started).toBeLessThan(3_000)
    }
  })

  test('lists pages without end, or out of order, is stopped', async () => {
    const page = (inner: string, next: string) =>
      answering(
        '200 OK',
        {},
        `<ListBucketResult>${inner}<IsTruncated>true</IsTruncated><NextContinuationToken>${next}</NextContinuationToken></ListBucketResult>`,
      )
    const entry = '<Contents><Key>k</Key><LastModified>2026-11-24T22:10:19Z</LastModified><Size>1</Size></Contents>'
    await expectAll(await driverAt(page('', 'same')), ['protocol'], ['list'])
    await expectAll(await driverAt(page(entry, 'again')), ['protocol'], ['list'])
  })

  test('tells a failure inside an answer that began well is not taken for success', async () => {
    const driver = await driverAt(answering('200 OK', {}, '  <Error><Code>InternalError</Code></Error>'))
    await expectAll(driver, ['server-error'], ['completeUpload'])
  })

  test('ignores a range or a condition is not believed', async () => {
    const headers = { etag: '"e"', 'last-modified': 'Tue, 24 Nov 2026 22:10:19 GMT' }
    const driver = await driverAt(answering('200 OK', headers, 'the whole object'))
    const range = { start: 1, end: 2 }
    expect((await failureOf(driver.open('bucket', 'k', { range }))).kind).toBe('unsupported')
  })

  test('answers an object without ETag, time or length is not believed', async () => {
    for (const headers of [{}, { etag: '"e"' }, { etag: '"e"', 'last-modified': 'yesterday' }]) {
      await expectAll(await driverAt(answering('200 OK', headers, '')), ['protocol'], ['head', 'open', 'read'])
    }
  })

  test('lets nobody make a bucket keeps its capabilities unknown', async () => {
    const driver = await driverAt((socket, request) => {
      const denied = answering('403 Forbidden', {}, '<Error><Code>AccessDenied</Code></Error>')
      const buckets = answering('200 OK', {}, '<ListAllMyBucketsResult></ListAllMyBucketsResult>')
      const listing = request.startsWith('GET / ')
      ;(listing ? buckets : denied)(socket, request)
    })
    const onBucket = () => Promise.reject(new Error('called without a bucket'))
    const { capabilities, leftBehind } = await driver.probe({ onBucket })
    expect(new Set(Object.values(capabilities).map(({ state }) => state))).toEqual(new Set(['unknown']))
    expect(leftBehind).toBeNull()
  })
})

describe('an address', () => {
  test('where nobody listens, or nobody speaks TLS, is unreachable', async () => {
    const plain = await startHostileServer(answering('200 OK', {}, ''))
    for (const address of ['http://127.0.0.1:1', plain.replace('http:', 'https:')]) {
      const driver = await driverAt(address, { ...patient, connectMs: 200 })
      await expectAll(driver, ['unreachable'], ['ping', 'list', 'put', 'createBucket'])
    }
  })

  test.for(['', 'store', 'ftp://store', 'http://', 'http://user:pass@store', 'http://store/?a', 'http://store/#a'])(
    'such as %j is refused',
    (endpoint) => {
      const options = { region: 'us-east-1', accessKey: accessOfTest, secretKey: secretOfTest }
      expect(() => createStorageDriver({ ...options, endpoint })).toThrow(StorageError)
      expect(() => createStorageDriver({ ...options, endpoint: 'http://store', publicEndpoint: endpoint })).toThrow(
        StorageError,
      )
    },
  )
})

test('a name that is no bucket never reaches a store, where it could be taken for another path', async () => {
  const driver = await driverAt(answering('200 OK', {}, ''))
  for (const bucket of ['', '.', '..', 'a/b', '?', 'ü']) {
    expect((await failureOf(driver.headBucket(bucket))).kind).toBe('refused')
    expect((await failureOf(driver.deleteBucket(bucket))).kind).toBe('refused')
    expect((await failureOf(driver.delete(bucket, 'k'))).kind).toBe('refused')
  }
})

describe('a driver that is closed', () => {
  test('fails the calls under way and all later ones, and may be closed again', async () => {
    const driver = await driverAt(() => undefined)
    const call = failureOf(driver.list('bucket')[Symbol.asyncIterator]().next())
    await driver.close()
    expect((await call).kind).toBe('aborted')
    await expectAll(driver, ['aborted'])
    await driver.close()
  })
})
