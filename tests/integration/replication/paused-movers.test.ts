// A mover that is stopped in the middle of a write, and goes on when others have done its work and its write has landed.
import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { startHeldWay } from '../../support/held-way.ts'
import { minios } from '../../support/minios.ts'
import { type MoverFleet, shortLeases } from '../../support/mover-fleet.ts'

const stores = minios('hpc', 'edge')

/** A copy on edge that is whole, of a bucket with some objects, and a mover whose requests of this kind for the key `late` are held back. */
async function heldMover(fleet: MoverFleet, bucket: string, method: 'PUT' | 'DELETE') {
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of method === 'PUT' ? ['a', 'b'] : ['a', 'b', 'late']) await fleet.put('hpc', bucket, key, key)
  const first = fleet.startMover()
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await first.stop()
  const way = await startHeldWay(stores.process('edge').endpoint, (request) =>
    request.startsWith(`${method} /${bucket}/late`),
  )
  const mover = await fleet.spawnMover(shortLeases, { edge: way.endpoint })
  return { id, way, mover }
}

/** A write of a mover that is stopped lands when its object was deleted at the master, and another mover has looked. */
async function landedLate(fleet: MoverFleet, bucket: string) {
  const { id, way, mover } = await heldMover(fleet, bucket, 'PUT')
  await fleet.put('hpc', bucket, 'late', 'new')
  await fleet.event(id, 'late')
  await eventually('its write is under way', () => way.held() === 1)
  mover.pause()
  await fleet.store('hpc').delete(bucket, 'late')
  await fleet.event(id, 'late')
  fleet.startMover({ times: { ...shortLeases, sweepMinS: 600 } })
  await eventually('another has looked at it', async () => (await fleet.waiting(id)) === 0)
  way.deliver()
  await eventually('it lands', async () => (await fleet.text('edge', bucket, 'late')) === 'new')
  return { id, mover }
}

test('a write that lands long after its mover was stopped does not bring back what was deleted', async () => {
  const fleet = await stores.fleet()
  const bucket = 'paused-write'
  const { id, mover } = await landedLate(fleet, bucket)
  expect(await fleet.waiting(id)).toBe(0)
  mover.goOn()
  await eventually('it is as its master', async () => (await fleet.differences(id, bucket, 'hpc', 'edge')).length === 0)
})

test('nor does one of many new objects, which go together', async () => {
  const fleet = await stores.fleet()
  const bucket = 'paused-many'
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['a', 'b', 'late']) await fleet.put('hpc', bucket, key, key)
  const way = await startHeldWay(stores.process('edge').endpoint, (request) =>
    request.startsWith(`PUT /${bucket}/late`),
  )
  const mover = await fleet.spawnMover(shortLeases, { edge: way.endpoint })
  await fleet.replica(id, 'edge')
  await eventually('its write is under way', () => way.held() === 1)
  mover.pause()
  await fleet.store('hpc').delete(bucket, 'late')
  await fleet.event(id, 'late')
  fleet.startMover({ times: { ...shortLeases, sweepMinS: 600 } })
  await fleet.settled(id, 'edge')
  way.deliver()
  await eventually('it lands', async () => (await fleet.text('edge', bucket, 'late')) === 'late')
  mover.goOn()
  await eventually('it is as its master', async () => (await fleet.differences(id, bucket, 'hpc', 'edge')).length === 0)
})

test('a write that lands long after its mover was stopped is known to be of FaDO, though it stood in the way meanwhile', async () => {
  const fleet = await stores.fleet()
  const bucket = 'paused-in-the-way'
  const { id, mover } = await landedLate(fleet, bucket)
  await fleet.put('hpc', bucket, 'late', 'newer')
  await fleet.event(id, 'late')
  await fleet.conflicts(id, 'edge', 1)
  mover.goOn()
  await eventually('it is as its master', async () => (await fleet.text('edge', bucket, 'late')) === 'newer')
  await fleet.settled(id, 'edge')
  expect((await fleet.pool.query(`SELECT state FROM replica_object WHERE key = 'late'`)).rows).toEqual([
    { state: 'there' },
  ])
})

test('a delete that lands long after its mover was stopped does not keep back what was written again', async () => {
  const fleet = await stores.fleet()
  const bucket = 'paused-delete'
  const { id, way, mover } = await heldMover(fleet, bucket, 'DELETE')
  await fleet.store('hpc').delete(bucket, 'late')
  await fleet.event(id, 'late')
  await eventually('its delete is under way', () => way.held() === 1)
  mover.pause()
  await fleet.put('hpc', bucket, 'late', 'again')
  await fleet.event(id, 'late')
  fleet.startMover({ times: { ...shortLeases, sweepMinS: 600 } })
  await eventually('another has copied it', async () => (await fleet.text('edge', bucket, 'late')) === 'again')
  await fleet.settled(id, 'edge')
  way.deliver()
  await eventually('it lands', async () => (await fleet.text('edge', bucket, 'late')) === null)
  expect(await fleet.waiting(id)).toBe(0)
  mover.goOn()
  await eventually('it is as its master', async () => (await fleet.differences(id, bucket, 'hpc', 'edge')).length === 0)
})

test.for([
  ['is told whose an object is', 'HEAD'],
  ['deletes it', 'DELETE'],
] as const)(
  'a mover that is stopped as it takes a copy away and %s takes nothing of the copy that is there again',
  async ([, method]) => {
    const fleet = await stores.fleet()
    const bucket = `paused-eviction-${method.toLowerCase()}`
    const id = await fleet.bucket(bucket, 'hpc')
    await fleet.put('hpc', bucket, 'k', 'v')
    const first = fleet.startMover()
    await fleet.replica(id, 'edge')
    await fleet.settled(id, 'edge')
    await first.stop()
    let asked = 0
    const way = await startHeldWay(stores.process('edge').endpoint, (request) => {
      if (!request.startsWith(`${method} /${bucket}/k`)) return false
      asked++
      // It looks once at all, and at each once more before that goes.
      return method === 'DELETE' || asked === 2
    })
    const mover = await fleet.spawnMover({ ...shortLeases, sweepMinS: 600 }, { edge: way.endpoint })
    await fleet.withdraw(id, 'edge')
    await eventually('it is asked for', () => way.held() === 1)
    mover.pause()
    const other = fleet.startMover({ times: { ...shortLeases, sweepMinS: 600 } })
    await eventually('another took it away', async () => (await fleet.replicaRow(id, 'edge')).observed === 'absent')
    await fleet.pool.query('UPDATE replica SET wanted = true, generation = generation + 1, withdrawn_at = NULL')
    await fleet.task(id, 'edge', 'first_sync')
    await fleet.settled(id, 'edge')
    way.deliver()
    if (method === 'DELETE') await eventually('it lands', async () => (await fleet.text('edge', bucket, 'k')) === null)
    mover.goOn()
    await other.stop()
    await fleet.put('hpc', bucket, 'after', 'v')
    await fleet.event(id, 'after')
    await eventually('it works on', async () => (await fleet.text('edge', bucket, 'after')) === 'v')
    if (method === 'DELETE') await fleet.settled(id, 'edge')
    expect(await fleet.text('edge', bucket, 'k')).toBe('v')
  },
)
