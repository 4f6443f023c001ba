import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'

const stores = minios('hpc', 'edge', 'cloud')

/** The copy on cloud, of a bucket whose master is on edge, which is away. */
async function isKept(fleet: MoverFleet, id: string, bucket: string): Promise<void> {
  const cause = await eventually('it is kept', async () => (await fleet.causes(id, 'cloud'))[0])
  expect(cause.message).toBe('The copy on cloud is kept, for no other whole copy can be shown: edge cannot be listed')
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
