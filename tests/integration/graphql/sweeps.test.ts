// How often copies are looked at as a whole, as users are told, and what they may set about it.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { noteSourceEnded } from '../../../server/db/queue/bucket-events.ts'
import { sweepAllMasters, sweepMasters, sweepStore } from '../../../server/db/queue/sweeps.ts'
import { startTestWeb, type TestWeb } from '../../support/web.ts'
import { fleet, fromNow, type TestCluster } from '../../support/world/fleet.ts'

let web: TestWeb
let hpc: TestCluster
let photos: string
const quiet = { quietLooks: 20, quietSince: fromNow(-3_600), startedAt: fromNow(-3_600), notBefore: fromNow(36_000) }

/** A bucket whose looks find nothing for a while, with a copy of which the same holds. */
beforeEach(async () => {
  web = await startTestWeb()
  const rows = fleet(web.pool)
  hpc = await rows.cluster('hpc')
  const edge = await rows.cluster('edge')
  const bucket = await hpc.store.bucket('photos', { objects: 1_000n })
  photos = bucket.id
  await bucket.task('master_sweep', quiet)
  await (await bucket.replica(edge.store)).task('sweep', quiet)
})
afterEach(() => web?.stop())

type Sweep = {
  readonly storageDeployment: { readonly name: string }
  readonly isMaster: boolean
  readonly everySeconds: number
  readonly quietLooks: number
  readonly nextAt: string
  readonly requestsPerDay: number
  readonly reason: { readonly code: string; readonly message: string }
}
async function sweeps(): Promise<readonly Sweep[]> {
  const { data } = await web.ask(`{ bucket(name: "photos") { sweeps {
    storageDeployment { name } isMaster everySeconds quietLooks nextAt turnSeconds requestsPerDay reason { code message } } } }`)
  return data.bucket.sweeps
}
const codes = async () => (await sweeps()).map(({ reason }) => reason.code)
const heard = (bucketId: string) =>
  web.pool.query('INSERT INTO bucket_events (bucket_id, heard_at, heard_from) VALUES ($1, now(), $2)', [
    bucketId,
    'sns',
  ])
/** Seconds until the next looks: at the master, at the copy. */
const rests = async () =>
  (await sweeps()).map(({ nextAt }) => Math.round((new Date(nextAt).getTime() - Date.now()) / 1_000))

test('a bucket tells of each copy how often it is looked at, why, and what that costs', async () => {
  expect(await codes()).toEqual(['SWEEP_UNPROVEN', 'SWEEP_SETTLED'])
  await heard(photos)
  const [master, copy] = await sweeps()
  expect(master).toMatchObject({
    storageDeployment: { name: 'hpc' },
    isMaster: true,
    everySeconds: 13 * 1_800,
    quietLooks: 20,
    reason: { code: 'SWEEP_SETTLED' },
  })
  expect(copy).toMatchObject({ storageDeployment: { name: 'edge' }, isMaster: false, everySeconds: 13 * 1_800 })
  expect(master?.reason.message).toBe(
    'The last 20 looks found no change that events had missed: more of them would cost more than they find',
  )
})

test('where FaDO subscribes, the event of another bucket of the store shows that events arrive', async () => {
  const other = await hpc.store.bucket('films')
  await heard(other.id)
  expect((await codes())[0]).toBe('SWEEP_SETTLED')
  await web.pool.query(`UPDATE storage_deployment SET events = 'external' WHERE id = $1`, [hpc.store.id])
  expect((await codes())[0]).toBe('SWEEP_UNTOLD')
})

test('a value of sweep_interval or full_compare is kept from now on, not only after the next look', async () => {
  await heard(photos)
  const set = (name: string, value: number) =>
    web.mutate('policySet', { scope: { bucket: 'photos' }, name, value }, 'policy { name }')
  await set('full_compare', 4 * 7_200)
  const [master, copy] = await rests()
  expect([master, copy].map((seconds) => Math.round((seconds ?? 0) / 60))).toEqual([60, 60])
  await set('sweep_interval', 600)
  expect((await rests()).every((seconds) => seconds <= 0)).toBe(true) // the last look is an hour ago
  expect(await codes()).toEqual(['SWEEP_POLICY', 'SWEEP_POLICY'])
  expect((await sweeps())[0]?.reason.message).toBe('The policy sweep_interval asks for a look every 600 s at least')
  const { bucket } = (await web.ask('{ bucket(name: "photos") { policies { name value } } }')).data
  expect(bucket.policies).toContainEqual({ name: 'sweep_interval', value: 600 })
})

test('who tells nothing any more, and what may have been missed, brings the next look at once', async () => {
  await heard(photos)
  await web.pool.transaction(async (tx) => sweepMasters(tx, await noteSourceEnded(tx, ['hpc'], 'sns')))
  const [master, copy] = await rests()
  expect(master).toBeLessThanOrEqual(0)
  expect(copy).toBeGreaterThan(30_000)
  await web.pool.query(`UPDATE replica_task SET not_before = now() + interval '10 h'`)
  await sweepAllMasters(web.pool)
  expect((await sweeps())[0]).toMatchObject({ quietLooks: 0, everySeconds: 60, reason: { code: 'SWEEP_LEARNING' } })
  expect((await rests())[0]).toBeLessThanOrEqual(0)
  await web.pool.query(`UPDATE replica_task SET quiet_looks = 20, not_before = now() + interval '10 h'`)
  await sweepStore(web.pool, hpc.store.id, 'not-known')
  expect((await sweeps())[0]).toMatchObject({ quietLooks: 0 })
  expect((await rests())[0]).toBeLessThanOrEqual(0)
})
