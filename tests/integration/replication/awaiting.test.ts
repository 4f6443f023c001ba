// Waiting until copies hold what their master had.
import { expect, onTestFinished, test } from 'vitest'
import { createLog } from '../../../server/log.ts'
import { createReplicationWaits } from '../../../server/services/replication/await-replicated.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'

const stores = minios('hpc', 'edge', 'cloud')

/** A control plane that waits; `asked` counts its statements. */
function waiter(fleet: MoverFleet) {
  let asked = 0
  const pool = {
    ...fleet.pool,
    query: (...args: Parameters<typeof fleet.pool.query>) => {
      asked++
      return fleet.pool.query(...args)
    },
  } as typeof fleet.pool
  const waits = createReplicationWaits({ pool, log: createLog('silent', 'control') })
  onTestFinished(() => waits.endWaits())
  return { ...waits, asked: () => asked }
}

async function start(bucket: string, ...at: string[]) {
  const fleet = await stores.fleet()
  const id = await fleet.bucket(bucket, 'hpc')
  const mover = fleet.startMover()
  for (const store of at) await fleet.replica(id, store)
  for (const store of at) await fleet.settled(id, store)
  return { fleet, id, mover, ...waiter(fleet) }
}
const names = (replicas: readonly { readonly storage: { readonly name: string }; readonly done: boolean }[]) =>
  Object.fromEntries(replicas.map(({ storage, done }) => [storage.name, done]))

test('a key is there when it is said so, though no event told of it', async () => {
  const { fleet, awaitReplicated } = await start('await-key', 'edge', 'cloud')
  for (const round of [1, 2, 3]) {
    await fleet.put('hpc', 'await-key', 'k', `v${round}`)
    const { done, replicas } = await awaitReplicated({ bucket: 'await-key', key: 'k', timeoutSeconds: 20 })
    expect([done, names(replicas)]).toEqual([true, { edge: true, cloud: true }])
    expect([await fleet.text('edge', 'await-key', 'k'), await fleet.text('cloud', 'await-key', 'k')]).toEqual([
      `v${round}`,
      `v${round}`,
    ])
  }
})

test('a delete that was told stays told, and is waited for', async () => {
  const { fleet, id, mover, awaitReplicated } = await start('await-delete', 'edge')
  await fleet.put('hpc', 'await-delete', 'k', 'v')
  await awaitReplicated({ bucket: 'await-delete', key: 'k', timeoutSeconds: 20 })
  await mover.stop()
  await fleet.store('hpc').delete('await-delete', 'k')
  await fleet.event(id, 'k')
  const answer = awaitReplicated({ bucket: 'await-delete', key: 'k', timeoutSeconds: 20 })
  await eventually('it waits', async () => {
    const { rowCount } = await fleet.pool.query('SELECT 1 FROM dirty_object WHERE generation > 1')
    return (rowCount ?? 0) > 0
  })
  fleet.startMover()
  expect(await answer).toMatchObject({ done: true, exists: false })
  expect(await fleet.text('edge', 'await-delete', 'k')).toBeNull()
})

test('whether the key exists is said: neither the master nor a copy has one that nobody wrote', async () => {
  const { fleet, mover, awaitReplicated } = await start('await-exists', 'edge')
  const exists = async (key?: string) =>
    (await awaitReplicated({ bucket: 'await-exists', key, timeoutSeconds: 20 })).exists
  await fleet.put('hpc', 'await-exists', 'k', 'v')
  expect([await exists('k'), await exists('nokey'), await exists()]).toEqual([true, false, null])
  await mover.stop()
  const unknown = await awaitReplicated({ bucket: 'await-exists', key: 'nobody-looked', timeoutSeconds: 0 })
  expect([unknown.done, unknown.exists]).toEqual([false, null])
})

test('what one copy still has of a deleted key does not make it exist', async () => {
  const { fleet, id, awaitReplicated } = await start('await-gone', 'edge', 'cloud')
  const ask = (replicas: number) => awaitReplicated({ bucket: 'await-gone', key: 'k', replicas, timeoutSeconds: 20 })
  await fleet.put('hpc', 'await-gone', 'k', 'v')
  expect(await ask(2)).toMatchObject({ done: true, exists: true })
  await fleet.pool.query('INSERT INTO link_pause (from_storage_id, to_storage_id, actor) VALUES ($1, $2, $3)', [
    fleet.storeId('hpc'),
    fleet.storeId('cloud'),
    'olga',
  ])
  await fleet.store('hpc').delete('await-gone', 'k')
  await fleet.event(id, 'k')
  const { done, exists, replicas } = await ask(1)
  expect([done, exists, names(replicas)]).toEqual([true, false, { edge: true, cloud: false }])
  expect(await fleet.text('cloud', 'await-gone', 'k')).toBe('v')
})

test('where no copy is wanted a key is looked at all the same before it is said whether it exists', async () => {
  const { fleet, awaitReplicated } = await start('await-alone')
  await fleet.put('hpc', 'await-alone', 'k', 'v')
  for (const [key, exists] of [
    ['k', true],
    ['nokey', false],
  ] as const)
    expect(await awaitReplicated({ bucket: 'await-alone', key, timeoutSeconds: 20 })).toEqual({
      done: true,
      exists,
      replicas: [],
    })
})

test('so many copies are enough where so many were asked for; when the time is over it is said which have it', async () => {
  const { fleet, id, mover, awaitReplicated } = await start('await-some', 'edge', 'cloud')
  await mover.stop()
  await fleet.pool.query('INSERT INTO link_pause (from_storage_id, to_storage_id, actor) VALUES ($1, $2, $3)', [
    fleet.storeId('hpc'),
    fleet.storeId('cloud'),
    'olga',
  ])
  fleet.startMover()
  await fleet.put('hpc', 'await-some', 'k', 'v')
  await fleet.event(id, 'k')
  const one = await awaitReplicated({ bucket: 'await-some', replicas: 1, timeoutSeconds: 20 })
  expect([one.done, names(one.replicas)]).toEqual([true, { edge: true, cloud: false }])
  const both = await awaitReplicated({ bucket: 'await-some', key: 'k', timeoutSeconds: 1 })
  expect([both.done, names(both.replicas)]).toEqual([false, { edge: true, cloud: false }])
})

test('a foreign object in the way, a change that is not decided and a missing bucket are no copies', async () => {
  const { fleet, id, awaitReplicated } = await start('await-not', 'edge')
  await fleet.put('edge', 'await-not', 'theirs', 'x')
  await fleet.put('hpc', 'await-not', 'theirs', 'y')
  expect((await awaitReplicated({ bucket: 'await-not', key: 'theirs', timeoutSeconds: 1 })).done).toBe(false)
  await fleet.put('hpc', 'await-not', 'k', 'v')
  await fleet.pool.query(
    'INSERT INTO dirty_bucket (bucket_id, intent) VALUES ($1, true) ON CONFLICT (bucket_id) DO UPDATE SET intent = true',
    [id],
  )
  expect((await awaitReplicated({ bucket: 'await-not', key: 'k', timeoutSeconds: 1 })).done).toBe(false)
  await expect(awaitReplicated({ bucket: 'nobody', timeoutSeconds: 1 })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('where events are not watched a whole bucket is compared from then on', async () => {
  const { fleet, id, awaitReplicated } = await start('await-sweep', 'edge')
  await fleet.pool.query(`UPDATE storage_deployment SET capabilities = '{}'`)
  await fleet.put('hpc', 'await-sweep', 'untold', 'v')
  expect((await awaitReplicated({ bucket: 'await-sweep', timeoutSeconds: 20 })).done).toBe(true)
  expect(await fleet.text('edge', 'await-sweep', 'untold')).toBe('v')
  expect(await fleet.differences(id, 'await-sweep', 'hpc', 'edge')).toEqual([])
})

test('a thousand who wait cost no more statements than one, and hear of it within moments', async () => {
  const { fleet, mover, awaitReplicated, asked } = await start('await-many', 'edge')
  await mover.stop()
  const keys = Array.from({ length: 10 }, (_, i) => `k${i}`)
  for (const key of keys) await fleet.put('hpc', 'await-many', key, key)
  const answered: number[] = []
  const all = Array.from({ length: 1_000 }, (_, i) =>
    awaitReplicated({ bucket: 'await-many', key: keys[i % 10] ?? '', timeoutSeconds: 60 }).then((answer) => {
      answered.push(performance.now())
      return answer
    }),
  )
  await eventually('all wait', async () => {
    const { rowCount } = await fleet.pool.query('SELECT 1 FROM dirty_object')
    return (rowCount ?? 0) >= 20
  })
  const [before, begun] = [asked(), performance.now()]
  await eventually('some looks were taken', () => asked() >= before + 10)
  const seconds = (performance.now() - begun) / 1000
  expect(before).toBeLessThan(60)
  expect(asked() - before).toBeLessThan(25 * seconds + 10)
  fleet.startMover()
  await eventually('the copy has all', async () => (await fleet.keys('edge', 'await-many')).length === 10)
  const there = performance.now()
  expect((await Promise.all(all)).every(({ done }) => done)).toBe(true)
  // The rows of the queue are closed a moment after the store has the object.
  expect(Math.max(...answered) - there).toBeLessThan(1_000)
})
