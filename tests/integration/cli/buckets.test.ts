// Commands on buckets, their masters and policies.
import { expect, test } from 'vitest'
import { startCommands } from '../../support/commands.ts'

test('fado get buckets says of a bucket that it is being deleted, and sizes as the console says them', async () => {
  const { web, rows, fado } = await startCommands()
  const hpc = await rows.cluster('hpc')
  await hpc.store.bucket('stays')
  await hpc.store.bucket('goes')
  await web.pool.query(`UPDATE bucket SET placement_condition = 'PLACED', objects = 3, bytes = 9437184`)
  await web.pool.query(`UPDATE bucket SET state = 'deleting' WHERE name = 'goes'`)
  const lines = (await fado('get', 'buckets')).split('\n')
  expect(lines.find((line) => line.startsWith('goes'))).toMatch(/9\.4 MB +DELETING/)
  expect(lines.find((line) => line.startsWith('stays'))).toMatch(/9\.4 MB +PLACED/)
})

test('fado --help names all that can be done to buckets', async () => {
  const { fado } = await startCommands()
  expect(await fado('--help')).toMatch(/bucket\s+create, adopt, compare, resolve,\s+release\s+and\s+remove\s+buckets/)
})

test('a master that went backwards is shown with what it lost, and resolved by one of two choices', async () => {
  const { web, rows, fado, cell } = await startCommands()
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const bucket = await hpc.store.bucket('photos')
  await bucket.replica(edge.store, { observed: 'complete' })
  expect(await cell('buckets', 'photos', 'REGRESSED')).toBe('-')
  const found = { bucket: 'there', missing: 2, older: 3, samples: [{ key: 'a', seen: 0, now: null }] }
  await web.pool.query(
    `UPDATE bucket SET master_stopped = 'regressed', master_stopped_since = now(), master_regress = $1::jsonb`,
    [JSON.stringify(found)],
  )
  expect(await cell('buckets', 'photos', 'REGRESSED')).toBe('2 gone, 3 older: npx fado bucket resolve')
  expect(await fado('bucket', 'resolve', 'photos', '--rebuild', '--from', 'edge')).toMatch(
    /made again from the replica on edge: 2 objects come back, 3 become the newer ones/,
  )
  expect(await cell('buckets', 'photos', 'REGRESSED')).toBe('2 gone, 3 older: rebuilding')
  expect(await fado('bucket', 'resolve', 'photos', '--accept')).toMatch(
    /2 objects are deleted on its replicas, 3 become/,
  )
})

test('fado policy set says of zones that leave a master outside that its data stays', async () => {
  const { rows, fado } = await startCommands()
  const cloud = await rows.cluster('cloud', { zones: ['eu'] })
  const hpc = await rows.cluster('hpc', { zones: ['germany'] })
  await cloud.store.bucket('handbook')
  await cloud.store.bucket('handbook-2')
  await hpc.store.bucket('photos')
  const set = (...args: string[]) => fado('policy', 'set', ...args)
  expect(await set('zones=eu', '--bucket', 'handbook')).toBe('zones is eu for bucket handbook.')
  expect(await set('zones=germany', '--bucket', 'photos')).toBe('zones is germany for bucket photos.')
  expect(await set('zones=germany', '--bucket', 'handbook')).toBe(
    'zones is germany for bucket handbook.\nThe master of handbook on cloud now lies where the data may not be. ' +
      'It gets no calls, and the data stays until you allow a zone of it again or make the bucket elsewhere.',
  )
  expect(await set('zones=germany', '--global')).toContain(
    'The masters of handbook on cloud and handbook-2 on cloud now lie where the data may not be. They get no calls',
  )
  expect(await fado('policy', 'unset', 'zones', '--bucket', 'handbook')).toContain('The master of handbook on cloud')
  expect(await set('zones=all', '--global')).toBe('zones is all for all.')
})
