import { describe, expect, test } from 'vitest'
import { seenOf } from '../../../../../server/replication/keys/carried.ts'
import type { Scene } from '../../../../../server/replication/keys/key-scene.ts'
import type { KeyRun } from '../../../../../server/replication/keys/key-work.ts'
import { isOwnWrite, stoodBefore } from '../../../../../server/replication/keys/own-write.ts'
import type { Moment } from '../../../../../server/replication/moment.ts'
import type { ObjectHead } from '../../../../../server/storage/storage-values.ts'

/** The store's clock, which nobody compares with another one. */
const now = Date.UTC(2001, 0, 1)

const head = (more: Partial<ObjectHead> = {}): ObjectHead => ({
  key: 'a',
  size: 1,
  etag: 'ab',
  etagIsDigest: true,
  lastModified: now,
  metadata: {},
  tagCount: 0,
  partCount: null,
  serverDate: now,
  ...more,
})

/** A write that was sent some seconds ago, to a store that shows this now; the machine slept for some more since. */
function written(shows: ObjectHead | null | Error, { secondsAgo = 0, sleptFor = 0, writing = true } = {}) {
  let asked = 0
  const driver = {
    async head() {
      asked++
      if (shows instanceof Error) throw shows
      return shows
    },
  }
  const scene = { target: { driver, bucket: 'b' }, at: { key: 'a' } } as unknown as Scene
  const run = { writing, signal: new AbortController().signal } as unknown as KeyRun
  const sentAt: Moment = {
    steady: performance.now() - secondsAgo * 1000,
    wall: Date.now() - (secondsAgo + sleptFor) * 1000,
  }
  return { run, scene, sentAt, asked: () => asked }
}

const secondsOld = (seconds: number, more: Partial<ObjectHead> = {}) =>
  head({ lastModified: now - seconds * 1000, ...more })

describe('stoodBefore', () => {
  const stood = async (...given: Parameters<typeof written>) => {
    const { run, scene, sentAt } = written(...given)
    return stoodBefore(run, scene, sentAt)
  }

  test('what is older than the write is of others', async () => {
    expect(await stood(secondsOld(60))).toBe(true)
    expect(await stood(secondsOld(60), { secondsAgo: 50 })).toBe(true)
  })

  test.for([0, 1, 2])(
    'what has a time %i s before the write may be it: clocks are read once a second, and rounded',
    async (seconds) => {
      expect(await stood(secondsOld(seconds))).toBe(false)
    },
  )

  test('what came while the store had not answered may be the write, however long that took', async () => {
    expect(await stood(secondsOld(50), { secondsAgo: 50 })).toBe(false)
    expect(await stood(secondsOld(52), { secondsAgo: 50 })).toBe(false)
  })

  test('nor is it known what is older where the machine slept since', async () => {
    expect(await stood(secondsOld(3_600), { sleptFor: 3_600 })).toBe(false)
  })

  test('a clock of this process that was set back says nothing', async () => {
    expect(await stood(secondsOld(50), { secondsAgo: 50, sleptFor: -3_600 })).toBe(false)
  })

  test.for([
    ['nothing is there', null],
    ['the store does not tell its clock', secondsOld(60, { serverDate: null })],
    ['the store cannot be asked', new Error('The connection was cut')],
  ] as const)('where %s it is not known', async ([, shows]) => {
    expect(await stood(shows)).toBe(false)
  })

  test('where nothing was sent whose answer is not known, nothing is asked', async () => {
    const { run, scene, sentAt, asked } = written(secondsOld(60), { writing: false })
    expect(await stoodBefore(run, scene, sentAt)).toBe(false)
    expect(asked()).toBe(0)
  })
})

describe('isOwnWrite', () => {
  const isOwn = async (...given: Parameters<typeof written>) => {
    const { run, scene, sentAt } = written(...given)
    return isOwnWrite(run, scene, seenOf(head(), []), sentAt)
  }

  test('what is all that was sent, and is as young as the write, is it', async () => {
    expect(await isOwn(head())).toBe(true)
    expect(await isOwn(secondsOld(50), { secondsAgo: 50 })).toBe(true)
    expect(await isOwn(secondsOld(3_600), { sleptFor: 3_600 }), 'the machine slept').toBe(true)
  })

  test.for([
    ['other bytes', head({ etag: 'cd' })],
    ['another size', head({ size: 2 })],
    ['another header', head({ metadata: { 'content-type': 'text/theirs' } })],
    ['an earlier time', secondsOld(3)],
    ['no time that can be compared', head({ serverDate: null })],
  ] as const)('what has %s is not', async ([, shows]) => {
    expect(await isOwn(shows)).toBe(false)
  })

  test('nor is what is gone', async () => {
    expect(await isOwn(null)).toBe(false)
  })
})
