// Who leaves work for others wakes them by itself: nobody has to know whom a table concerns.
import { expect, test } from 'vitest'
import { endStoreTrouble, recordStoreTrouble } from '../../../../server/db/copies/store-troubles.ts'
import type { Tx } from '../../../../server/db/core/pool.ts'
import { writeFunctionHealth, writeStoreHealth } from '../../../../server/db/deciding/health.ts'
import { markBuckets } from '../../../../server/db/queue/dirty-buckets.ts'
import { markFound, markObjects, markUnlisted } from '../../../../server/db/queue/dirty-objects.ts'
import { orderResync, sweepAllMasters, sweepSoon, sweepStore } from '../../../../server/db/queue/sweeps.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet } from '../../../support/world/fleet.ts'

type Place = { readonly bucketId: string; readonly storageId: string; readonly faasId: string }
const found = { key: 'k', size: 1, since: null, mayDelete: false }
const ill = { health: 'unhealthy', anew: false, cause: 'SILENT', detail: 'no answer' } as const
const owner = '00000000-0000-0000-0000-000000000001'

const left: Readonly<Record<string, [work: (tx: Tx, at: Place) => Promise<unknown>, topics: string[]]>> = {
  'a bucket to decide': [(tx, { bucketId }) => markBuckets(tx, { kind: 'ids', ids: [bucketId] }), ['bucket']],
  'a key that an event told of': [
    (tx, { bucketId }) => markObjects(tx, [{ bucketId, key: 'k', removed: false }]),
    ['object'],
  ],
  'a key that a listing told of': [
    (tx, { bucketId, storageId }) => markFound(tx, { bucketId, storageIds: [storageId], bulk: false }, [found]),
    ['object'],
  ],
  'keys that a listing lacks': [(tx, at) => markUnlisted(tx, at), ['object']],
  'a store to look at': [(tx, { storageId }) => sweepStore(tx, storageId, 'not-known'), ['task']],
  'all masters to look at': [(tx) => sweepAllMasters(tx), ['task']],
  'a copy to look at': [(tx, { bucketId, storageId }) => sweepSoon(tx, bucketId, storageId), ['task']],
  'a resync': [(tx, at) => orderResync(tx, at, 'sweep', { allowDeletes: false, overwrite: false }), ['task']],
  'a store that does not answer': [
    (tx, { storageId }) => recordStoreTrouble(tx, owner, storageId, 'unreachable'),
    ['bucket', 'event', 'object', 'store'],
  ],
  'a store that answers again': [
    async (tx, { storageId }) => {
      await tx.query(`INSERT INTO store_trouble (storage_id, owner, problem) VALUES ($1, $2, 'timeout')`, [
        storageId,
        owner,
      ])
      await endStoreTrouble(tx, owner, storageId)
    },
    ['bucket', 'event', 'object'],
  ],
  'a store that is down': [(tx, { storageId }) => writeStoreHealth(tx, storageId, ill), ['event']],
  'functions that are down': [
    (tx, { faasId }) => writeFunctionHealth(tx, faasId, { ...ill, addresses: [], lacksPath: false }),
    ['endpoints', 'event'],
  ],
}

test.for(Object.entries(left))('%s', async ([, [work, topics]]) => {
  const pool = await freshPool()
  const rows = fleet(pool)
  const hpc = await rows.cluster('hpc', { urls: ['http://f'] })
  const { id: bucketId } = await hpc.store.bucket('photos')
  const { rows: faas } = await pool.query<{ id: string }>('SELECT id FROM faas_deployment')
  const woken: string[] = []
  pool.onWake((topic) => void woken.push(topic))
  await pool.transaction((tx) => work(tx, { bucketId, storageId: hpc.store.id, faasId: faas[0]?.id ?? '' }))
  expect(woken.toSorted()).toEqual(topics)
})
