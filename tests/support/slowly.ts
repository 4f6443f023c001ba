import { Transform } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { StorageDriver } from '../../server/storage/storage-driver.ts'

/** Lets each chunk wait, so that a copy lasts until it is cut off. */
export const slowly = (driver: StorageDriver): Partial<StorageDriver> => ({
  async open(bucket, key, options) {
    const opened = await driver.open(bucket, key, options)
    const slow = new Transform({
      async transform(chunk, _, done) {
        await delay(50)
        done(null, chunk)
      },
    })
    opened.body.on('error', (error) => slow.destroy(error))
    slow.on('close', () => opened.body.destroy())
    return { ...opened, body: opened.body.pipe(slow) }
  },
})
