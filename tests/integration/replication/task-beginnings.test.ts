// When work on a whole copy may not begin, or need not any more: then no store is asked for anything either.
import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'
import { fromNow } from '../../support/world/fleet.ts'

const stores = minios('hpc', 'edge')

/** The stores that this mover wanted to talk to. */
function startMover(fleet: MoverFleet): string[] {
  const asked: string[] = []
  fleet.startMover({
    async storageFor(id) {
      const found = await fleet.storageFor(id)
      asked.push(found.name)
      return found
    },
  })
  return asked
}
const kept = { createSentAt: new Date() }

test.for([
  ['a mover may still be writing to it', { leaseUntil: fromNow(600) }],
  ['a write that was cut off may still land', { lookAgainAt: fromNow(600) }],
] as const)('a copy is not taken away while %s', async ([, row]) => {
  const fleet = await stores.fleet()
  const bucket = await fleet.storeAt('hpc').bucket('written')
  const replica = await bucket.replica(fleet.storeAt('edge'), { ...kept, wanted: false })
  await replica.waits('k', row)
  await replica.task('evict')
  const asked = startMover(fleet)
  await fleet.idle()
  expect(asked).toEqual([])
  expect(await fleet.replicaRow(bucket.id, 'edge')).toMatchObject({ observed: 'complete' })

  await fleet.pool.query('UPDATE dirty_object SET lease_until = NULL, look_again_at = NULL')
  await eventually('it is', async () => (await fleet.replicaRow(bucket.id, 'edge')).observed === 'absent')
})

test('a copy that is wanted again before it is taken away stays, and nobody is asked about it', async () => {
  const fleet = await stores.fleet()
  const bucket = await fleet.storeAt('hpc').bucket('wanted-again')
  const replica = await bucket.replica(fleet.storeAt('edge'), kept)
  await replica.object('k')
  await replica.task('evict')
  const asked = startMover(fleet)
  await eventually('the task ends', async () => (await fleet.pool.query('SELECT 1 FROM replica_task')).rowCount === 0)
  await fleet.idle()
  expect(asked).toEqual([])
  expect(await fleet.replicaRow(bucket.id, 'edge')).toMatchObject({ observed: 'complete', wanted: true })
})

test.for([
  [
    'undecided',
    'a change that may narrow is undecided',
    'INSERT INTO dirty_bucket (bucket_id, narrowing) SELECT id, true FROM bucket',
    'DELETE FROM dirty_bucket',
  ],
  [
    'being-deleted',
    'the copy that was there is taken away',
    `UPDATE replica SET observed = 'deleting'`,
    `UPDATE replica SET observed = 'absent'`,
  ],
] as const)('a first sync asks no store for anything (%s) while %s', async ([name, , bar, open]) => {
  const fleet = await stores.fleet()
  const id = await fleet.bucket(name, 'hpc')
  await fleet.put('hpc', name, 'k', 'v')
  await fleet.replica(id, 'edge')
  await fleet.pool.query(bar)
  const asked = startMover(fleet)
  await fleet.idle()
  expect(asked).toEqual([])
  await fleet.pool.query(open)
  await fleet.settled(id, 'edge')
  expect(await fleet.text('edge', name, 'k')).toBe('v')
})
