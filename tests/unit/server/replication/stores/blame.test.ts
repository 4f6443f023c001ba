import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createBlame } from '../../../../../server/replication/stores/blame.ts'
import { StorageError, type StorageErrorKind } from '../../../../../server/storage/storage-error.ts'

/** A store whose cheap call fails with `cheap`; null: it answers. */
function start(cheap: StorageErrorKind | null = null, noWritesMs = 15_000) {
  const store = { cheap }
  const seen: (string | null)[] = []
  const blame = createBlame({
    driver: {
      headBucket: async () => {
        if (store.cheap !== null) throw new StorageError(store.cheap, 'no')
        return { serverDate: null }
      },
    },
    noWritesMs,
    onChange: (problem) => seen.push(problem),
  })
  const fails = (method: string, bucket: string | null, kind: StorageErrorKind) =>
    blame.failed({ method, bucket }, new StorageError(kind, 'no'))
  return { store, seen, blame, fails }
}

test.each(['unreachable', 'timeout', 'signature', 'clock-skew', 'server-error', 'slow-down'] as const)(
  'one call that fails by %s is not the store while another call is answered',
  async (kind) => {
    const { fails, seen } = start()
    expect(await fails('put', 'photos', kind)).toBe(false)
    expect(seen).toEqual([])
  },
)

test('it is the store when the cheap call fails too, until any call gets an answer', async () => {
  const { fails, seen, blame } = start('unreachable')
  expect(await fails('put', 'photos', 'timeout')).toBe(true)
  expect(seen).toEqual(['timeout'])
  blame.succeeded({ method: 'head', bucket: 'videos' })
  expect(seen).toEqual(['timeout', null])
})

test('it is the store when the same call fails in three buckets, and then only that call ends it', async () => {
  const { fails, seen, blame } = start()
  expect(await fails('open', 'a', 'timeout')).toBe(false)
  expect(await fails('open', 'b', 'timeout')).toBe(false)
  expect(await fails('open', 'b', 'timeout'), 'twice the same bucket').toBe(false)
  expect(await fails('open', 'c', 'timeout')).toBe(true)
  blame.succeeded({ method: 'head', bucket: 'a' })
  expect(seen, 'what always was answered proves nothing').toEqual(['timeout'])
  blame.succeeded({ method: 'open', bucket: 'c' })
  expect(seen).toEqual(['timeout', null])
})

test('a success in between counts: single objects of many buckets are no outage', async () => {
  const { fails, seen, blame } = start()
  for (const bucket of ['a', 'b', 'c', 'd']) {
    expect(await fails('put', bucket, 'server-error')).toBe(false)
    blame.succeeded({ method: 'put', bucket })
  }
  expect(seen).toEqual([])
})

test('however many objects a signature fails for, it is theirs while the store accepts the key', async () => {
  const { fails, seen } = start()
  for (const bucket of ['a', 'b', 'c', 'd']) expect(await fails('put', bucket, 'signature')).toBe(false)
  expect(seen).toEqual([])
})

test('a refusal is an answer, and what the caller ended says nothing', async () => {
  const { fails, store, seen } = start('unreachable')
  await fails('put', 'a', 'timeout')
  await fails('put', 'a', 'aborted')
  expect(seen).toEqual(['timeout'])
  store.cheap = null
  expect(await fails('put', 'a', 'access-denied')).toBe(false)
  expect(seen).toEqual(['timeout', null])
})

test('it is the store when for a while no write ends though it answers, until one does', async () => {
  const { fails, seen, blame } = start(null, 20)
  expect(await fails('put', 'a', 'timeout'), 'the first may be its own').toBe(false)
  await delay(25)
  blame.succeeded({ method: 'head', bucket: 'a' })
  expect(await fails('put', 'a', 'timeout')).toBe(true)
  expect(await fails('open', 'a', 'timeout'), 'a read that fails is not explained by it').toBe(false)
  blame.succeeded({ method: 'open', bucket: 'a' })
  expect(seen).toEqual(['no-writes'])
  blame.succeeded({ method: 'put', bucket: 'b' })
  expect(seen).toEqual(['no-writes', null])
})

test('a write that ends in between proves that it takes them', async () => {
  const { fails, seen, blame } = start(null, 20)
  await fails('put', 'a', 'timeout')
  await delay(25)
  blame.succeeded({ method: 'delete', bucket: 'b' })
  expect(await fails('put', 'a', 'timeout')).toBe(false)
  expect(seen).toEqual([])
})

test('one that takes no writes and then does not answer at all is down', async () => {
  const { fails, seen, store, blame } = start(null, 0)
  await fails('put', 'a', 'timeout')
  store.cheap = 'unreachable'
  expect(await fails('put', 'a', 'timeout')).toBe(true)
  blame.succeeded({ method: 'head', bucket: 'a' })
  expect(seen).toEqual(['no-writes', 'timeout', null])
})

test('what nobody writes to for a minute may take writes again', async () => {
  onTestFinished(() => void vi.useRealTimers())
  vi.useFakeTimers({ toFake: ['performance'] })
  const { fails, seen, blame } = start(null, 0)
  await fails('put', 'a', 'timeout')
  await blame.ask()
  expect(seen).toEqual(['no-writes'])
  vi.advanceTimersByTime(61_000)
  await blame.ask()
  expect(seen).toEqual(['no-writes', null])
})
