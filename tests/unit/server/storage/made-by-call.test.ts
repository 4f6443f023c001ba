import { expect, test } from 'vitest'
import { isMadeByCall } from '../../../../server/storage/made-by-call.ts'
import type { StorageDriver } from '../../../../server/storage/storage-driver.ts'
import type { ListedObject } from '../../../../server/storage/storage-values.ts'

const sentAt = 1_000_000
const object: ListedObject = { key: 'k', size: 1, etag: 'e', lastModified: sentAt }

/** `ahead`: how far the store's clock is ahead of ours. */
const ask = (madeAt: number, { ahead = 0, objects = [] as ListedObject[], tellsTime = true } = {}) => {
  const driver = {
    async *list() {
      yield objects
    },
  } as unknown as StorageDriver // all that is asked of it
  const now = sentAt + 60_000
  const serverDate = tellsTime ? now + ahead : null
  return isMadeByCall(driver, 'photos', { createdAt: madeAt + ahead, serverDate, now, sentAt })
}

test('an empty bucket that is not older than the call is from the call, by the store’s own clock', async () => {
  expect(await ask(sentAt)).toBe(true)
  expect(await ask(sentAt - 1_900)).toBe(true) // stores tell whole seconds
  expect(await ask(sentAt, { ahead: 3_600_000 })).toBe(true)
  expect(await ask(sentAt, { ahead: -3_600_000 })).toBe(true)
  expect(await ask(sentAt, { tellsTime: false })).toBe(true)
})

test('one that is older, or holds anything, is not', async () => {
  expect(await ask(sentAt - 2_100)).toBe(false)
  expect(await ask(sentAt - 2_100, { ahead: 3_600_000 })).toBe(false)
  expect(await ask(sentAt - 2_100, { ahead: -3_600_000 })).toBe(false)
  expect(await ask(sentAt, { objects: [object] })).toBe(false)
})
