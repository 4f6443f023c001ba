// One suite over all stores: what a driver promises, it promises on each.
import { afterAll, beforeAll, describe } from 'vitest'
import { startMinio } from '../../support/minio.ts'
import type { StoreProcess } from '../../support/store-process.ts'
import { findVersitygw, startVersitygw } from '../../support/versitygw.ts'
import { describeBuckets } from './buckets.ts'
import { describeConditions } from './conditions.ts'
import { describeCopies } from './copies.ts'
import { describeListing } from './listing.ts'
import { describeMetadata } from './metadata.ts'
import { describeMultipart } from './multipart.ts'
import { describeMinioNotifications, describeNotifications } from './notifications.ts'
import { describeObjects } from './objects.ts'
import { describePresigned } from './presigned.ts'
import { describeProbing } from './probing.ts'
import { type GetStore, type StoreLimits, type StoreUnderTest, useStore } from './store-under-test.ts'
import { describeVersions } from './versions.ts'
import { describeWatching } from './watching.ts'

function describeStore(name: string, start: () => Promise<StoreProcess>, limits: StoreLimits): void {
  describe(name, () => {
    let shared: StoreUnderTest
    const get: GetStore = () => shared
    beforeAll(async () => {
      shared = useStore(await start(), limits)
    })
    afterAll(async () => {
      await shared.driver.close()
      await shared.store.stop()
    })
    describeBuckets(get)
    describeObjects(get)
    describeMetadata(get)
    describeConditions(get)
    describeMultipart(get)
    describeVersions(get)
    describeListing(get)
    describePresigned(get)
    describeProbing(get)
    describeNotifications(get)
    describeCopies(get)
    describeWatching(get)
  })
}

const nobody = { url: 'http://127.0.0.1:9/' }
describeStore('MinIO', () => startMinio({ webhook: nobody }), {
  blursControlCharacters: false,
  webhooks: true,
  tellsUptime: true,
  boundsMetadata: true,
  keepsLongTags: true,
  versions: true,
  keepsCutBodies: false,
})
describe('MinIO with webhook targets', () => describeMinioNotifications())

const versitygw = findVersitygw()
if (versitygw === null) {
  console.info('storage conformance: MinIO only (no versitygw in PATH, and FADO_VERSITYGW_BIN is not set)')
} else {
  const limits = {
    blursControlCharacters: true,
    webhooks: false,
    tellsUptime: false,
    boundsMetadata: true,
    keepsLongTags: false,
    versions: false,
    keepsCutBodies: true,
  }
  describeStore('versitygw', () => startVersitygw(versitygw), limits)
}
