import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'

const stores = minios('hpc', 'edge')

test('lost events are found by sweeps: new, overwritten, deleted and metadata-only changes, and a hidden key is kept', async () => {
  const fleet = await stores.fleet()
  const bucket = 'lost-events'
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['stays', 'changes', 'goes', 'meta', 'f/g', 'f']) await fleet.put('hpc', bucket, key, `1 ${key}`)
  fleet.startMover()
  await fleet.replica(id, 'edge')
  // `f` hides `f/g` in listings, so only an event can tell of it.
  await fleet.event(id, 'f/g')
  await fleet.settled(id, 'edge')
  expect(await fleet.text('edge', bucket, 'f/g')).toBe('1 f/g')
  await fleet.nextSecond()
  await fleet.put('hpc', bucket, 'changes', '2')
  await fleet.put('hpc', bucket, 'new', 'new')
  await fleet.put('hpc', bucket, 'meta', '1 meta', { 'x-amz-meta-a': 'b' })
  await fleet.store('hpc').delete(bucket, 'goes')
  await fleet.sweep(id, 'edge')
  expect(await fleet.text('edge', bucket, 'changes')).toBe('2')
  expect(await fleet.text('edge', bucket, 'new')).toBe('new')
  expect(await fleet.text('edge', bucket, 'goes')).toBeNull()
  expect(await fleet.text('edge', bucket, 'f/g')).toBe('1 f/g')
  expect((await fleet.store('edge').head(bucket, 'meta'))?.metadata).toMatchObject({ 'x-amz-meta-a': 'b' })
  expect(await fleet.replicaRow(id, 'edge')).toMatchObject({ braked: 0, conflicts: 0 })
  expect(await fleet.causes(id, 'edge')).toEqual([])
})

test.for(['recorded', 'not recorded yet'])(
  'a change that nobody told reaches the copies though the key waits for its record (%s)',
  async (record) => {
    const fleet = await stores.fleet()
    const bucket = `waits-${record.replaceAll(' ', '-')}`
    const id = await fleet.bucket(bucket, 'hpc')
    for (const key of ['goes', 'changes', ...Array.from({ length: 10 }, (_, i) => `stays${i}`)])
      await fleet.put('hpc', bucket, key, '1')
    fleet.startMover()
    await fleet.task(id, 'hpc', 'master_sweep')
    await fleet.replica(id, 'edge')
    await fleet.settled(id, 'edge')
    await fleet.idle()
    if (record === 'not recorded yet')
      await fleet.pool.query(`DELETE FROM object_record WHERE bucket_id = $1 AND key IN ('goes', 'changes')`, [id])
    await fleet.pool.query(`UPDATE replica_task SET not_before = now() + interval '1 h' WHERE storage_id = $1`, [
      fleet.storeId('edge'), // the look at the copy may be hours away
    ])
    // As a mover leaves it that is killed after the copies and before the records.
    await fleet.pool.query(
      `INSERT INTO dirty_object (bucket_id, storage_id, key, lease_owner, lease_until, not_before)
       SELECT id, master_storage_id, k, gen_random_uuid(), now() + interval '2 s', now() + interval '2 s'
       FROM bucket, unnest(ARRAY['goes', 'changes']) AS k WHERE id = $1`,
      [id],
    )
    await fleet.store('hpc').delete(bucket, 'goes')
    await fleet.put('hpc', bucket, 'changes', '22')
    await fleet.task(id, 'hpc', 'master_sweep')
    await eventually(
      'the copy has no more than its master',
      async () => (await fleet.text('edge', bucket, 'goes')) === null,
    )
    await eventually('and what it has', async () => (await fleet.text('edge', bucket, 'changes')) === '22')
  },
)

test('a new copy has what listings hide, as far as events told of it', async () => {
  const fleet = await stores.fleet()
  const bucket = 'hidden-keys'
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['f/g', 'f/deep/er', 'beside/it', 'f', 'gone/x', 'gone']) await fleet.put('hpc', bucket, key, key)
  fleet.startMover()
  await fleet.event(id, 'f/g', 'f/deep/er', 'beside/it', 'f', 'gone/x', 'gone')
  await eventually('all is recorded', async () => (await fleet.waiting(id)) === 0)
  await fleet.store('hpc').delete(bucket, 'gone/x') // nobody tells of it
  expect(await fleet.keys('hpc', bucket)).not.toContain('f/g')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  for (const key of ['f/g', 'f/deep/er', 'beside/it', 'f', 'gone'])
    expect(await fleet.text('edge', bucket, key)).toBe(key)
  expect(await fleet.text('edge', bucket, 'gone/x')).toBeNull()
})

test('what a listing hides is on a new copy, too, while nothing else is recorded', async () => {
  const fleet = await stores.fleet()
  const bucket = 'hidden-first'
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['f/g', 'f', 'beside/it']) await fleet.put('hpc', bucket, key, key)
  fleet.startMover()
  await fleet.event(id, 'f/g') // the one of `f` is lost, and the master was not looked at yet
  await eventually('it is recorded', async () => (await fleet.waiting(id)) === 0)
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  for (const key of ['f/g', 'f', 'beside/it']) expect(await fleet.text('edge', bucket, key)).toBe(key)
})

test('a sweep of the master makes its records true and marks what events did not tell for every replica', async () => {
  const fleet = await stores.fleet()
  const bucket = 'master-sweep'
  const id = await fleet.bucket(bucket, 'hpc')
  fleet.startMover()
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.put('hpc', bucket, 'a', 'aaa', { 'content-type': 'text/a' })
  await fleet.put('hpc', bucket, 'b', 'bb')
  await fleet.task(id, 'hpc', 'master_sweep')
  await eventually('the replica follows', async () => (await fleet.keys('edge', bucket)).length === 2)
  await eventually('the records are there', async () => {
    const { rows } = await fleet.pool.query<{ key: string; content_type: string | null }>(
      'SELECT key, content_type FROM object_record ORDER BY key',
    )
    return rows.length === 2 && rows[0]?.content_type === 'text/a'
  })
  expect(await fleet.bucketRow(id)).toMatchObject({ objects: 2, bytes: 5 })
  await fleet.store('hpc').delete(bucket, 'a')
  await fleet.task(id, 'hpc', 'master_sweep')
  await eventually('the delete is followed', async () => (await fleet.keys('edge', bucket)).join() === 'b')
  await eventually('the count follows', async () => (await fleet.bucketRow(id)).objects === 1)
})

test('a missing or replaced master bucket deletes and copies nothing, and its return lets work go on', async () => {
  const fleet = await stores.fleet()
  const bucket = 'master-gone'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'only', 'here')
  fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.store('hpc').delete(bucket, 'only')
  await fleet.store('hpc').deleteBucket(bucket)
  await fleet.event(id, 'only')
  await eventually('it is missed', async () => (await fleet.bucketRow(id)).masterStop === 'missing')
  expect((await fleet.causes(id, 'edge'))[0]).toMatchObject({ code: 'MASTER_MISSING', store: 'hpc' })
  await fleet.idle()
  expect(await fleet.text('edge', bucket, 'only')).toBe('here')

  await fleet.store('hpc').createBucket(bucket)
  await fleet.put('hpc', bucket, 'stranger', 'not ours')
  await fleet.task(id, 'edge', 'sweep')
  await eventually('it is seen to be another', async () => (await fleet.bucketRow(id)).masterStop === 'replaced')
  await fleet.event(id, 'stranger')
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.task(id, 'edge', 'sweep')
  await fleet.idle()
  expect(await fleet.keys('edge', bucket)).toEqual(['only'])

  // As if the recorded one were back.
  await fleet.pool.query('UPDATE bucket SET master_created_on = to_timestamp($2::float8 / 1000) WHERE id = $1', [
    id,
    await fleet.store('hpc').bucketCreatedAt(bucket),
  ])
  await fleet.task(id, 'hpc', 'master_sweep')
  await eventually('it goes on', async () => (await fleet.bucketRow(id)).masterStop === null)
  await eventually('it follows', async () => (await fleet.keys('edge', bucket)).join() === 'stranger')
  expect(await fleet.causes(id, 'edge')).toEqual([])
})

test('a replica whose bucket somebody removed begins anew', async () => {
  const fleet = await stores.fleet()
  const bucket = 'bucket-lost'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'k', 'v')
  fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.store('edge').delete(bucket, 'k')
  await fleet.store('edge').deleteBucket(bucket)
  await fleet.task(id, 'edge', 'sweep')
  await eventually('it is lost', async () => (await fleet.replicaRow(id, 'edge')).observed === 'absent')
  await fleet.task(id, 'edge', 'first_sync')
  await fleet.settled(id, 'edge')
  expect(await fleet.text('edge', bucket, 'k')).toBe('v')
})

test('sweeps of what is as it should be change nothing but when it was last looked at, hidden keys included', async () => {
  const fleet = await stores.fleet()
  const bucket = 'quiet'
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['f/g', 'f', 'x', 'in-the-way']) await fleet.put('hpc', bucket, key, key)
  const mover = fleet.startMover()
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.event(id, 'f/g')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.put('edge', bucket, 'not-of-the-master', 'theirs')
  await fleet.store('edge').delete(bucket, 'in-the-way')
  await fleet.put('edge', bucket, 'in-the-way', 'theirs')
  await fleet.sweep(id, 'edge')
  await fleet.conflicts(id, 'edge', 1)
  const state = async () => {
    const { rows } = await fleet.pool.query<{ state: unknown }>(
      `SELECT json_build_object('events', (SELECT max(number) FROM event), 'keys', (SELECT count(*) FROM dirty_object),
         'marks', (SELECT max(generation) FROM dirty_bucket), 'journal', (SELECT json_agg(j ORDER BY key) FROM replica_object j),
         'records', (SELECT json_agg(o ORDER BY key) FROM object_record o),
         'replica', (SELECT to_jsonb(r) - '{verified_at,compared_key,compared_since,comparing_since}'::text[] FROM replica r)) AS state`,
    )
    return rows[0]?.state
  }
  const look = async () => {
    await fleet.task(id, 'hpc', 'master_sweep')
    await fleet.sweep(id, 'edge')
  }
  await look()
  await mover.stop() // it says first what it has to say of the keys that it worked on
  const before = await state()
  const next = fleet.startMover()
  await look()
  await look()
  await next.stop()
  expect(await state()).toEqual(before)
})

test('a master bucket that was made anew takes nothing away, though its keys are gone and it answers', async () => {
  const fleet = await stores.fleet()
  const bucket = 'made-anew'
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['a', 'b']) await fleet.put('hpc', bucket, key, key)
  fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  for (const key of ['a', 'b']) await fleet.store('hpc').delete(bucket, key)
  await fleet.store('hpc').deleteBucket(bucket)
  await fleet.store('hpc').createBucket(bucket)
  await fleet.event(id, 'a', 'b')
  await eventually('it is seen', async () => (await fleet.bucketRow(id)).masterStop === 'replaced')
  await fleet.task(id, 'edge', 'sweep', { allowDeletes: true })
  await fleet.idle()
  expect(await fleet.keys('edge', bucket)).toEqual(['a', 'b'])
})

test('each look at a master whose store sends no events is told to users, for it says as of when the copies are known', async () => {
  const fleet = await stores.fleet()
  const id = await fleet.bucket('told', 'hpc')
  const looked = async () =>
    (await fleet.pool.query<{ at: Date | null }>('SELECT master_swept_at AS at FROM bucket')).rows[0]?.at
  const told = async () =>
    (await fleet.pool.query(`SELECT 1 FROM event WHERE topic = 'bucket' AND subject = $1`, [id])).rowCount
  const look = async () => {
    const before = (await looked())?.getTime() ?? 0
    await fleet.task(id, 'hpc', 'master_sweep')
    await eventually('it was looked at', async () => ((await looked())?.getTime() ?? 0) > before)
  }
  fleet.startMover()
  await look()
  const before = await told()
  await look()
  expect(await told(), 'with events a look that finds nothing is no news').toBe(before)
  await fleet.pool.query(`UPDATE storage_deployment SET capabilities = '{}'`)
  await look()
  await eventually('it is told', async () => ((await told()) ?? 0) > (before ?? 0))
})

test.each(['sweep', 'master_sweep'] as const)(
  'what listings hide and the master has no more goes by a comparison (%s) too, within the brake, and then nobody looks for it any more',
  async (kind) => {
    const fleet = await stores.fleet()
    const bucket = `hidden-${kind.replace('_', '-')}`
    const id = await fleet.bucket(bucket, 'hpc')
    for (const key of ['f/g', 'f', 'x', 'y']) await fleet.put('hpc', bucket, key, key)
    fleet.startMover()
    await fleet.task(id, 'hpc', 'master_sweep')
    await fleet.event(id, 'f/g')
    await fleet.replica(id, 'edge')
    await fleet.settled(id, 'edge')
    await fleet.idle()
    expect(await fleet.text('edge', bucket, 'f/g')).toBe('f/g')
    const other = kind === 'sweep' ? 'hpc' : 'edge' // the look at it may be hours away, and must not be needed
    await fleet.pool.query(`UPDATE replica_task SET not_before = now() + interval '1 h' WHERE storage_id = $1`, [
      fleet.storeId(other),
    ])
    await fleet.store('hpc').delete(bucket, 'f/g') // nobody tells of it
    await fleet.task(id, kind === 'sweep' ? 'edge' : 'hpc', kind)
    await eventually('it is gone', async () => (await fleet.text('edge', bucket, 'f/g')) === null)
    await fleet.idle()
    expect(await fleet.keys('edge', bucket)).toEqual(['f', 'x', 'y'])
    expect(await fleet.replicaRow(id, 'edge')).toMatchObject({ braked: 0, conflicts: 0 })
  },
)
