import { randomBytes } from 'node:crypto'
import { describe, expect } from 'vitest'
import { rawClient } from '../../support/raw-store.ts'
import { bytes, kindOf, type Suite } from './store-under-test.ts'

export function describeVersions({ get, test }: Suite): void {
  describe('versions', () => {
    test('a bucket that keeps none says so, and a delete leaves none', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      expect(await driver.versioning(name)).toEqual({ versions: 'none', objectLock: false, defaultRetention: null })
      await driver.put(name, 'k', bytes('v'))
      expect(await driver.delete(name, 'k')).toEqual({ versionsLeft: false })
    })

    test('versions and markers are told with any key, and go one by one', async () => {
      const { driver, bucket, store } = get()
      const [name, raw] = [await bucket(), rawClient(store)]
      await driver.put(name, 'before', bytes('v'))
      await raw.setVersioning(name, 'Enabled')
      expect(await driver.versioning(name)).toEqual({ versions: 'kept', objectLock: false, defaultRetention: null })
      const keys = ['a b+%2F&<>ü', 'dir/😀', 'before']
      for (const key of keys) for (const content of ['1', '2']) await driver.put(name, key, bytes(content))
      expect(await driver.delete(name, 'before')).toEqual({ versionsLeft: true })
      const all = (await Array.fromAsync(driver.listVersions(name))).flat()
      expect(new Set(all.map(({ key, versionId }) => `${key} ${versionId}`)).size).toBe(8)
      expect(all.filter(({ key }) => key === 'before').map(({ isMarker, isLatest }) => [isMarker, isLatest])).toEqual([
        [true, true],
        [false, false],
        [false, false],
        [false, false],
      ])
      expect(all.findLast(({ key }) => key === 'before')?.versionId).toBe('null')
      const ofDir = (await Array.fromAsync(driver.listVersions(name, { prefix: 'dir/' }))).flat()
      expect(ofDir.map(({ key, etag }) => [key, etag.length])).toEqual([
        ['dir/😀', 32],
        ['dir/😀', 32],
      ])
      for (const { key, versionId } of all) expect(await driver.deleteVersion(name, key, versionId)).toBeNull()
      expect((await Array.fromAsync(driver.listVersions(name))).flat()).toEqual([])
      expect(await driver.deleteVersion(name, 'never', '00000000-0000-4000-8000-000000000000')).toBeNull()
    })

    test('versions are listed over several pages', async () => {
      const { driver, bucket, store } = get()
      const name = await bucket()
      await rawClient(store).setVersioning(name, 'Enabled')
      const many = Array.from({ length: 1_100 }, (_, i) => `n/${String(i).padStart(4, '0')}`)
      for (let i = 0; i < many.length; i += 50)
        await Promise.all(many.slice(i, i + 50).map((key) => driver.put(name, key, bytes('v'))))
      const all = (await Array.fromAsync(driver.listVersions(name))).flat()
      expect(all.map(({ key }) => key)).toEqual(many)
    })

    test('a suspended bucket may still have versions of before', async () => {
      const { driver, bucket, store } = get()
      const [name, raw] = [await bucket(), rawClient(store)]
      await raw.setVersioning(name, 'Enabled')
      await driver.put(name, 'k', bytes('v'))
      await raw.setVersioning(name, 'Suspended')
      expect(await driver.versioning(name)).toMatchObject({ versions: 'suspended' })
      await driver.delete(name, 'k')
      const left = (await Array.fromAsync(driver.listVersions(name))).flat()
      expect(left.map(({ isMarker }) => isMarker)).toEqual([true, false])
    })

    test('a version that a retention or a legal hold keeps stays, with its end', async () => {
      const { driver, store } = get()
      const [name, raw] = [`test-${randomBytes(6).toString('hex')}`, rawClient(store)]
      await raw.createLocked(name)
      expect(await driver.versioning(name)).toEqual({ versions: 'kept', objectLock: true, defaultRetention: null })
      await raw.setDefaultRetention(name, 'GOVERNANCE', 7)
      const defaultRetention = { mode: 'GOVERNANCE', days: 7 }
      expect(await driver.versioning(name)).toEqual({ versions: 'kept', objectLock: true, defaultRetention })
      const until = Math.floor(Date.now() / 1000) * 1000 + 3_600_000
      await driver.put(name, 'default', bytes('v'))
      await raw.putLocked(name, 'held', { 'x-amz-object-lock-legal-hold': 'ON' })
      await raw.putLocked(name, 'kept', {
        'x-amz-object-lock-mode': 'COMPLIANCE',
        'x-amz-object-lock-retain-until-date': new Date(until).toISOString(),
      })
      const retentions = new Map<string, unknown>()
      for (const { key, versionId } of (await Array.fromAsync(driver.listVersions(name))).flat())
        retentions.set(key, await driver.deleteVersion(name, key, versionId))
      const week = (retentions.get('default') as { until: number }).until - Date.now()
      expect(Math.abs(week - 7 * 86_400_000)).toBeLessThan(60_000)
      expect(retentions.get('kept')).toEqual({ mode: 'COMPLIANCE', until, legalHold: false })
      expect(retentions.get('held')).toMatchObject({ legalHold: true })
      expect((await Array.fromAsync(driver.listVersions(name))).flat()).toHaveLength(3)
    })

    test('a bucket that is missing is said to be', async () => {
      const { driver } = get()
      expect(await kindOf(driver.versioning('test-not-there'))).toBe('no-such-bucket')
      expect(await kindOf(Array.fromAsync(driver.listVersions('test-not-there')))).toBe('no-such-bucket')
    })
  })
}
