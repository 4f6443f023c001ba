import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { startTestWeb } from '../../support/web.ts'
import { fleet, fromNow } from '../../support/world/fleet.ts'

let web: Awaited<ReturnType<typeof startTestWeb>>
let rows: ReturnType<typeof fleet>
beforeEach(async () => {
  web = await startTestWeb()
  onTestFinished(() => web.stop())
  rows = fleet(web.pool)
})

const found = (bucket: string) => ({
  bucket,
  missing: 2,
  older: 1,
  samples: [
    { key: 'a', seen: Date.UTC(2026, 10, 28, 8), now: null },
    { key: 'b', seen: Date.UTC(2026, 10, 28, 8), now: Date.UTC(2026, 10, 28, 7) },
  ],
})
const goBack = (bucket = 'there') =>
  web.pool.query(
    `UPDATE bucket SET master_stopped = 'regressed', master_stopped_since = now(), master_regress = $1::jsonb`,
    [JSON.stringify(found(bucket))],
  )
const chosen = async () =>
  (
    await web.pool.query<{ choice: string | null; at: string | null }>(
      `SELECT b.master_choice AS choice, s.name AS at FROM bucket b LEFT JOIN storage_deployment s ON s.id = b.master_choice_from`,
    )
  ).rows[0]
const resolve = (input: Readonly<Record<string, unknown>>) =>
  web.mutate('masterResolve', { bucket: 'photos', ...input }, 'bucket { name master { regressed { choice } } }')

async function photos() {
  const [hpc, edge, cloud] = [await rows.cluster('hpc'), await rows.cluster('edge'), await rows.cluster('cloud')]
  const bucket = await hpc.store.bucket('photos')
  await bucket.replica(edge.store, { observed: 'complete' })
  const second = await bucket.replica(cloud.store, { observed: 'complete' })
  return { bucket, second }
}

test('what was found is shown by the contract’s query, and nothing where nothing went backwards', async () => {
  await photos()
  const query = `query MasterRegressed($name: String!) {
    bucket(name: $name) { master { regressed { since missing older samples { key seen now } } } } }`
  const shown = async () => (await web.ask(query, { name: 'photos' })).data.bucket.master.regressed
  expect(await shown()).toBeNull()
  await goBack()
  expect(await shown()).toMatchObject({
    missing: 2,
    older: 1,
    samples: [
      { key: 'a', seen: '2026-11-28T08:00:00.000Z', now: null },
      { key: 'b', seen: '2026-11-28T08:00:00.000Z', now: '2026-11-28T07:00:00.000Z' },
    ],
  })
})

test('there is nothing to choose where the master did not go backwards', async () => {
  await photos()
  expect(await resolve({ choice: 'ACCEPT' })).toMatchObject({ code: 'CONFLICT' })
  expect(await resolve({ bucket: 'none', choice: 'ACCEPT' })).toMatchObject({ code: 'NOT_FOUND' })
})

test('a rebuild is from the copy that is named, or that lacks the fewest changes; one that lacks more is refused', async () => {
  const { second } = await photos()
  await second.waits('k', { since: fromNow(-60) })
  await goBack()
  expect(await resolve({ choice: 'REBUILD', from: 'cloud' })).toMatchObject({
    code: 'UNSAFE',
    message: expect.stringContaining('the copy on cloud lacks 1 change') as string,
  })
  expect(await resolve({ choice: 'REBUILD', from: 'nowhere' })).toMatchObject({ code: 'NOT_FOUND' })
  expect(await resolve({ choice: 'REBUILD' })).toMatchObject({
    bucket: { name: 'photos', master: { regressed: { choice: 'REBUILD' } } },
  })
  expect(await chosen()).toEqual({ choice: 'rebuild', at: 'edge' })
})

test.each(['regressed', 'missing', 'replaced'])(
  'a bucket whose master is %s is not deleted on the word that the master keeps its data',
  async (stop) => {
    const { bucket } = await photos()
    const remove = (deleteData: boolean) => web.mutate('bucketDelete', { bucket: 'photos', deleteData }, 'deletedId')
    await web.pool.query('UPDATE bucket SET master_stopped = $1, master_stopped_since = now()', [stop])
    expect(await remove(false)).toMatchObject({
      code: 'UNSAFE',
      path: ['input', 'deleteData'],
      message: expect.stringContaining('its replicas may hold the only whole copies') as string,
    })
    await web.pool.query(`UPDATE replica SET observed = 'absent' WHERE bucket_id = $1`, [bucket.id])
    expect(await remove(false)).toMatchObject({ deletedId: expect.any(String) as string })
    await web.pool.query(`UPDATE bucket SET state = 'active'`)
    await web.pool.query(`UPDATE replica SET observed = 'complete'`)
    expect(await remove(true)).toMatchObject({ deletedId: expect.any(String) as string })
  },
)

test('what is accepted is from no replica, and a bucket that is not there cannot be accepted', async () => {
  await photos()
  await goBack()
  expect(await resolve({ choice: 'ACCEPT', from: 'edge' })).toMatchObject({ code: 'VALIDATION_FAILED' })
  expect(await resolve({ choice: 'ACCEPT' })).toMatchObject({ bucket: { master: { regressed: { choice: 'ACCEPT' } } } })
  expect(await chosen()).toEqual({ choice: 'accept', at: null })
  await goBack('missing')
  expect(await resolve({ choice: 'ACCEPT' })).toMatchObject({ code: 'UNSAFE' })
})
