import { describe, expect } from 'vitest'
import { StorageError } from '../../../server/storage/storage-error.ts'
import { bytes, contentOf, kindOf, mib, type Suite } from './store-under-test.ts'

export function describeConditions({ get, test }: Suite): void {
  describe('conditional writes', () => {
    test('a write for a key that must not exist never overwrites one', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      await driver.put(name, 'k', { ...bytes('first'), condition: { ifNoneMatch: '*' } })
      const second = driver.put(name, 'k', { ...bytes('second'), condition: { ifNoneMatch: '*' } })
      expect(await kindOf(second)).toBe('precondition-failed')
      expect(await contentOf(driver, name, 'k')).toBe('first')
    })

    test('a write on one version never overwrites another, nor makes what is gone', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      const { etag: ifMatch } = await driver.put(name, 'k', bytes('first'))
      await driver.put(name, 'k', { ...bytes('second'), condition: { ifMatch } })
      expect(await kindOf(driver.put(name, 'k', { ...bytes('third'), condition: { ifMatch } }))).toBe(
        'precondition-failed',
      )
      expect(await contentOf(driver, name, 'k')).toBe('second')
      await driver.delete(name, 'k')
      expect(await kindOf(driver.put(name, 'k', { ...bytes('fourth'), condition: { ifMatch } }))).toBe(
        'precondition-failed',
      )
      expect(await driver.head(name, 'k')).toBeNull()
    })

    test('of eight writers at once exactly one wins, each time', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      for (let round = 0; round < 10; round++) {
        const key = `race-${round}`
        const created = await race((writer) =>
          driver.put(name, key, { ...bytes(writer), condition: { ifNoneMatch: '*' } }),
        )
        expect(created).toHaveLength(1)
        const ifMatch = created[0]?.etag ?? ''
        const replaced = await race((writer) =>
          driver.put(name, key, { ...bytes(`${writer}, again`), condition: { ifMatch } }),
        )
        expect(replaced).toHaveLength(1)
        expect(await driver.head(name, key)).toMatchObject({ etag: replaced[0]?.etag })
      }
    })

    test('completing an upload heeds its condition; the upload that was refused can be taken back', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      const uploadId = await driver.createUpload(name, 'k')
      const part = await driver.uploadPart(name, 'k', { uploadId, partNumber: 1, ...bytes('in parts') })
      const parts = [{ partNumber: 1, etag: part.etag }]
      const { etag } = await driver.put(name, 'k', bytes('meanwhile'))
      const complete = driver.completeUpload(name, 'k', { uploadId, parts, condition: { ifNoneMatch: '*' } })
      expect(await kindOf(complete)).toBe('precondition-failed')
      expect(await contentOf(driver, name, 'k')).toBe('meanwhile')
      await driver.completeUpload(name, 'k', { uploadId, parts, condition: { ifMatch: etag } })
      expect(await contentOf(driver, name, 'k')).toBe('in parts')
      await driver.abortUpload(name, 'k', uploadId)
    })

    test('a large body that is refused is not sent to its end', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      await driver.put(name, 'k', bytes('there'))
      const put = driver.put(name, 'k', {
        body: Buffer.alloc(50 * mib),
        size: 50 * mib,
        condition: { ifNoneMatch: '*' },
      })
      // versitygw closes the connection and the refusal is lost.
      expect(['precondition-failed', 'unreachable']).toContain(await kindOf(put))
      expect(await contentOf(driver, name, 'k')).toBe('there')
    })
  })
}

async function race<T>(write: (writer: string) => Promise<T>): Promise<T[]> {
  const writers = Array.from({ length: 8 }, (_, i) => write(`writer ${i}`))
  const outcomes = await Promise.allSettled(writers)
  return outcomes.flatMap((outcome) => {
    if (outcome.status === 'fulfilled') return [outcome.value]
    const lost = outcome.reason instanceof StorageError && outcome.reason.kind === 'precondition-failed'
    if (!lost) throw outcome.reason
    return []
  })
}
