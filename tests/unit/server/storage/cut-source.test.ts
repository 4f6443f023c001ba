import { once } from 'node:events'
import { expect, test } from 'vitest'
import { answering } from '../../../support/hostile-server.ts'
import { driverAt, failureOf, object, ok } from './hostile-calls.ts'

test.each(['before it is sent on', 'while it is sent on'])(
  "a body that its store cuts off (%s) is that store's failure, not that of the store which it was sent to",
  async (when) => {
    const source = await driverAt((socket) => {
      socket.write(`${ok}${object}content-length: 100000\r\n\r\nsome`)
      setImmediate(() => socket.destroy())
    })
    const target = await driverAt(answering('200 OK', { etag: '"e"' }, ''))
    const { body, length } = await source.open('bucket', 'from')
    if (when === 'before it is sent on') await once(body.resume(), 'error').catch(() => undefined)
    const failure = await failureOf(target.put('bucket', 'to', { body, size: length }))
    expect(failure).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('GET /bucket/from') })
  },
)
