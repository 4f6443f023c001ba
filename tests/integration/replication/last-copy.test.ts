import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'

const stores = minios('hpc', 'edge', 'cloud')

/** The copy on cloud, of a bucket whose master is on edge. */
async function isKept(fleet: MoverFleet, id: string, bucket: string, because = 'edge cannot be listed') {
  const cause = await eventually('it is kept', async () =>
    (await fleet.causes(id, 'cloud')).find(({ code }) => code === 'LAST_COPY'),
  )
  expect(cause.message).toBe(`The copy on cloud is kept, for no other whole copy can be shown: ${because}`)
  expect(await fleet.text('cloud', bucket, 'k')).toBe('v')
}

test('the last whole copy is kept while the master cannot be listed, and goes when another copy is shown to be whole', async () => {
  const fleet = await stores.fleet()
  const bucket = 'last-copy'
  const id = await fleet.bucket(bucket, 'edge')
  await fleet.put('edge', bucket, 'k', 'v')
  fleet.startMover()
  await fleet.task(id, 'edge', 'master_sweep')
  await fleet.replica(id, 'cloud')
  await fleet.settled(id, 'cloud')
  await stores.process('edge').kill9()
  await fleet.withdraw(id, 'cloud')
  await isKept(fleet, id, bucket)
  await stores.process('edge').restart()
  await eventually('it goes', async () => (await fleet.replicaRow(id, 'cloud')).observed === 'absent')
  expect(await fleet.text('edge', bucket, 'k')).toBe('v')

  await fleet.replica(id, 'hpc')
  await fleet.pool.query('DELETE FROM replica WHERE observed = $1 AND NOT wanted', ['absent'])
  await fleet.replica(id, 'cloud')
  for (const at of ['hpc', 'cloud']) await fleet.settled(id, at)
  await stores.process('edge').kill9()
  await fleet.withdraw(id, 'cloud')
  await eventually('another replica is whole', async () => (await fleet.replicaRow(id, 'cloud')).observed === 'absent')
  await stores.process('edge').restart()
})

test('a copy in sync that turns out to lack a key is no proof that the last whole copy may go', async () => {
  const fleet = await stores.fleet()
  const bucket = 'no-proof'
  const id = await fleet.bucket(bucket, 'edge')
  await fleet.put('edge', bucket, 'k', 'v')
  fleet.startMover()
  await fleet.task(id, 'edge', 'master_sweep')
  for (const at of ['hpc', 'cloud']) {
    await fleet.replica(id, at)
    await fleet.settled(id, at)
  }
  await fleet.store('hpc').delete(bucket, 'k') // by somebody else, and nobody was told
  await stores.process('edge').kill9()
  await fleet.withdraw(id, 'cloud')
  await isKept(fleet, id, bucket)
  await stores.process('edge').restart()
})

test('the only copy is kept when its master has lost more than the brake lets go, until the brake lets them go', async () => {
  const fleet = await stores.fleet()
  const bucket = 'lost-objects'
  const id = await fleet.bucket(bucket, 'edge')
  await fleet.policy(id, 'delete_brake', { objects: 2, percent: 10 })
  for (const key of ['a', 'b', 'c', 'k']) await fleet.put('edge', bucket, key, 'v')
  fleet.startMover()
  await fleet.replica(id, 'cloud')
  await fleet.settled(id, 'cloud')
  for (const key of ['a', 'b', 'c']) await fleet.store('edge').delete(bucket, key)
  await fleet.withdraw(id, 'cloud')
  await isKept(fleet, id, bucket, 'edge lacks 3 objects of it')
  expect(await fleet.keys('cloud', bucket)).toEqual(['a', 'b', 'c', 'k'])
  await fleet.policy(id, 'delete_brake', { objects: 3, percent: 100 })
  await eventually('it goes', async () => (await fleet.replicaRow(id, 'cloud')).observed === 'absent')
})

test.for(['removed', 'replaced'])("the only copy is kept when its master's bucket was %s", async (what) => {
  const fleet = await stores.fleet()
  const bucket = `master-${what}`
  const id = await fleet.bucket(bucket, 'edge')
  await fleet.put('edge', bucket, 'k', 'v')
  const mover = fleet.startMover()
  await fleet.replica(id, 'cloud')
  await fleet.settled(id, 'cloud')
  await mover.stop() // or a sweep could see it before
  await fleet.store('edge').delete(bucket, 'k')
  await fleet.store('edge').deleteBucket(bucket)
  if (what === 'replaced') await fleet.store('edge').createBucket(bucket)
  await fleet.withdraw(id, 'cloud')
  fleet.startMover()
  await isKept(fleet, id, bucket, 'the bucket on edge is not there')
})
