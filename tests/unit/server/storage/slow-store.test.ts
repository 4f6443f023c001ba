// However slowly a store answers, a call ends in time.
import { setInterval } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { answering, type Hostility } from '../../../support/hostile-server.ts'
import { driverAt, expectAll, failureOf, hasty, object, ok, parts, patient, without } from './hostile-calls.ts'

describe('a store that', () => {
  test('accepts the connection and never answers is a time-out', async () => {
    await expectAll(await driverAt(() => undefined, hasty), ['timeout'])
  })

  test('begins an answer and never ends it is a time-out', async () => {
    const begin: Hostility = (socket) => void socket.write(`${ok}${object}content-length: 100\r\n\r\n<a>`)
    const driver = await driverAt(begin, hasty)
    // HEAD is answered with that.
    await expectAll(driver, ['timeout'], without('ping', 'headBucket', 'head', 'parts'))
  })

  test('goes on answering byte by byte is a time-out', async () => {
    const driver = await driverAt(async (socket) => {
      socket.write(`${ok}transfer-encoding: chunked\r\n\r\n`)
      for await (const _ of setInterval(20)) if (!socket.write('1\r\n \r\n')) return
    }, hasty)
    await expectAll(
      driver,
      ['timeout'],
      ['listBuckets', 'createBucket', 'list', 'getTags', 'subscribe', 'createUpload'],
    )
  })

  test('goes on with its headers byte by byte is a time-out', async () => {
    const driver = await driverAt(async (socket) => {
      socket.write(`${ok}x-long: `)
      for await (const _ of setInterval(20)) if (!socket.write('x')) return
    }, hasty)
    await expectAll(driver, ['timeout'], ['ping', 'headBucket', 'open', 'read', 'createBucket', 'list', 'delete'])
  })

  test('goes on with interim answers is a time-out', async () => {
    const driver = await driverAt(async (socket) => {
      for await (const _ of setInterval(20)) if (!socket.write('HTTP/1.1 102 Processing\r\n\r\n')) return
    }, hasty)
    await expectAll(driver, ['timeout'], ['ping', 'open', 'read', 'createBucket', 'list', 'delete'])
  })

  test('is not asked at all where the caller has given up already', async () => {
    let asked = 0
    const driver = await driverAt(() => void asked++, hasty)
    const signal = AbortSignal.abort(new Error('given up'))
    const one = { body: Buffer.from('a'), size: 1 }
    const calls = [
      driver.head('bucket', 'k', { signal }),
      driver.open('bucket', 'k', { signal }),
      driver.read('bucket', 'k', { most: 1, signal }),
      driver.put('bucket', 'k', { ...one, signal }),
    ]
    const failures = await Promise.all(calls.map(failureOf))
    expect(failures.map(({ kind }) => kind)).toEqual(calls.map(() => 'aborted'))
    await driver.close()
    expect(asked).toBe(0)
  })

  test('never reads what is sent is a time-out', async () => {
    const driver = await driverAt((socket) => void socket.pause(), hasty)
    const large = { body: Buffer.alloc(50_000_000), size: 50_000_000 }
    expect((await failureOf(driver.put('bucket', 'k', large))).kind).toBe('timeout')
  })

  test('takes its time to put parts together is waited for longer than for other calls', async () => {
    const driver = await driverAt(
      (socket, request) => {
        const result = '<CompleteMultipartUploadResult><ETag>"e-1"</ETag></CompleteMultipartUploadResult>'
        setTimeout(() => answering('200 OK', {}, result)(socket, request), 3 * hasty.idleMs)
      },
      { ...hasty, completeMs: patient.completeMs },
    )
    const { etag } = await driver.completeUpload('bucket', 'k', { uploadId: 'u', parts })
    expect(etag).toBe('e-1')
  })
})
