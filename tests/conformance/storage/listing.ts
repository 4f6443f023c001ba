import { setImmediate } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { compareKeys } from '../../../server/storage/compare-keys.ts'
import { isAskable } from '../../../server/storage/object-path.ts'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { hostileKeys } from './hostile-keys.ts'
import { bytes, kindOf, listAll, type Suite } from './store-under-test.ts'

/** In no order, and such that UTF-16 order, locale order and "folders first" all differ from byte order. */
function oddKeys(count: number): string[] {
  const heads = ['a', 'a-', 'a/', 'a0', 'B', '～', '😀', 'é', 'e\u0301', ' ', '+', '%2F', '&amp;', '~']
  return Array.from({ length: count }, (_, i) => `${heads[i % heads.length]}${((i * 7919) % count).toString(36)}`)
}

export function describeListing({ get, test }: Suite): void {
  describe('listing', () => {
    test('2 100 keys come once each, in the order of their bytes, over several pages', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      const keys = oddKeys(2_100)
      await putAll(driver, name, keys)
      const pages = await Array.fromAsync(driver.list(name))
      expect(pages.length).toBeGreaterThanOrEqual(3)
      const expected = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      expect(pages.flat().map(({ key }) => key)).toEqual(expected)

      const prefixed = await listAll(driver, name, { prefix: '%2F' })
      expect(prefixed.map(({ key }) => key)).toEqual(expected.filter((key) => key.startsWith('%2F')))
      const startAfter = expected[1_234] ?? ''
      const rest = await listAll(driver, name, { startAfter })
      expect(rest.map(({ key }) => key)).toEqual(expected.filter((key) => compareKeys(key, startAfter) > 0))

      for await (const page of driver.list(name)) {
        expect(page.length).toBeGreaterThan(0)
        break // leaving early cancels the page that is under way
      }
      const stop = new AbortController()
      const cut = (async () => {
        for await (const _ of driver.list(name, { signal: stop.signal })) {
          stop.abort()
          await setImmediate()
        }
      })()
      expect(await kindOf(cut)).toBe('aborted')
    })

    test('behind any name come those that are behind it, and all of them', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      for (const key of hostileKeys) if (isAskable(key)) await driver.put(name, key, bytes('')).catch(() => undefined)
      const keys = (await listAll(driver, name)).map(({ key }) => key)
      for (const [place, startAfter] of keys.entries())
        if (isAskable(startAfter)) {
          const rest = await listAll(driver, name, { startAfter })
          expect(
            rest.map(({ key }) => key),
            JSON.stringify(startAfter),
          ).toEqual(keys.slice(place + 1))
        }
    })

    test('an entry has size, ETag and time of its object', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      const { etag } = await driver.put(name, 'k', bytes('12345'))
      const [entry] = await listAll(driver, name)
      const head = await driver.head(name, 'k')
      expect(entry).toMatchObject({ key: 'k', size: 5, etag })
      expect(Math.floor((entry?.lastModified ?? 0) / 1_000) * 1_000).toBe(head?.lastModified)
    })

    test('an empty bucket has no pages', async () => {
      const { driver, bucket } = get()
      expect(await Array.fromAsync(driver.list(await bucket()))).toEqual([])
    })
  })
}

async function putAll(driver: StorageDriver, bucket: string, keys: readonly string[]): Promise<void> {
  const queue = keys.values()
  const worker = async () => {
    for (const key of queue) await driver.put(bucket, key, bytes(''))
  }
  await Promise.all(Array.from({ length: 16 }, worker))
}
