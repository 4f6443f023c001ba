// What looks at whole copies cost on real stores, and how far apart they come to be.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sweepRequests } from '../../../server/domain/replica/sweep-cost.ts'
import { countingProxy } from '../../support/counting-proxy.ts'
import { eventually } from '../../support/eventually.ts'
import { startMinio } from '../../support/minio.ts'
import { moverFleet } from '../../support/mover-fleet.ts'
import type { StoreProcess } from '../../support/store-process.ts'

/** Nobody listens to what it is told: no event arrives but those that a test sends. */
const deaf = createServer((_, answer) => void answer.end())
const running: Record<string, StoreProcess> = {}
beforeAll(async () => {
  deaf.listen(0, '127.0.0.1')
  await once(deaf, 'listening')
  const webhook = { url: `http://127.0.0.1:${(deaf.address() as AddressInfo).port}` }
  const [hpc, edge] = await Promise.all([startMinio({ webhook }), startMinio()])
  Object.assign(running, { hpc, edge })
})
afterAll(async () => {
  await Promise.all(Object.values(running).map((store) => store.stop()))
  deaf.close()
})

/** A bucket that was heard of and found right again and again, with a whole copy; looked at only when a test says so. */
async function settledBucket(bucket: string, objects: number) {
  const hpc = await countingProxy(running['hpc']?.endpoint ?? '')
  const edge = await countingProxy(running['edge']?.endpoint ?? '')
  const fleet = await moverFleet([
    { name: 'hpc', endpoint: hpc.endpoint },
    { name: 'edge', endpoint: edge.endpoint },
  ])
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.store('hpc').subscribe(bucket)
  for (let i = 0; i < objects; i++) await fleet.put('hpc', bucket, `k${i}`, `${i}`)
  await fleet.policy(id, 'full_compare', 0)
  fleet.startMover({ times: { sweepMinS: 60 } })
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await eventually('the master was looked at', async () => (await fleet.bucketRow(id)).objects === objects)
  await fleet.pool.query('INSERT INTO bucket_events (bucket_id, heard_at) VALUES ($1, now())', [id])
  await fleet.pool.query('UPDATE replica_task SET quiet_looks = 20, quiet_since = now()')
  const row = (at: string) =>
    fleet.one<{ quiet: number; rests: number; idle: boolean }>(
      `SELECT quiet_looks AS quiet, extract(epoch FROM not_before - now())::float8 AS rests, lease_owner IS NULL AS idle
       FROM replica_task WHERE bucket_id = $1 AND storage_id = $2`,
      [id, fleet.storeId(at)],
    )
  /** Looks once; resolves to the requests that this took. */
  async function look(at: 'hpc' | 'edge') {
    await fleet.idle()
    for (const proxy of [hpc, edge]) proxy.take()
    await fleet.task(id, at, at === 'hpc' ? 'master_sweep' : 'sweep')
    await fleet.idle()
    return { hpc: [...hpc.take()].sort(), edge: [...edge.take()].sort() }
  }
  return { fleet, id, row, look }
}

const listing = 'GET list-type'

test('a look costs no more than is reckoned, and leaves a bucket that was found right alone for hours', async () => {
  const { look, row } = await settledBucket('settled', 3)
  const master = await look('hpc')
  // The subscription, too: looks that are far apart see whether somebody took it away.
  expect(master).toEqual({
    hpc: ['GET buckets', listing, 'GET notification', 'GET versioning', 'HEAD bucket'],
    edge: [],
  })
  expect(master.hpc.length).toBeLessThanOrEqual(sweepRequests('master', 3))
  const copy = await look('edge')
  expect(copy).toEqual({
    hpc: ['GET buckets', listing, 'HEAD bucket'],
    edge: ['GET buckets', listing, 'GET versioning'],
  })
  expect(copy.hpc.length + copy.edge.length).toBeLessThanOrEqual(sweepRequests('replica', 3))
  const round = sweepRequests('master', 3) + sweepRequests('replica', 3)
  for (const at of ['hpc', 'edge']) {
    const { quiet, rests } = await row(at)
    expect(quiet).toBe(21)
    expect((86_400 / rests) * round, 'requests a day of both').toBeLessThanOrEqual(50)
  }
})

test('an object whose turn it is costs two requests, and one with tags four', async () => {
  const { fleet, look } = await settledBucket('turns', 3)
  const wholeLook = async () => {
    await fleet.pool.query(`UPDATE replica_task SET "full" = generation`)
    return look('edge')
  }
  await fleet.store('hpc').putTags('turns', 'k0', [{ key: 'a', value: 'b' }])
  await wholeLook() // finds the tags
  const { hpc, edge } = await wholeLook()
  const ofObjects = [...hpc, ...edge].filter((one) => one.endsWith('object') || one.endsWith('tagging')).sort()
  expect(ofObjects).toEqual([...Array(2).fill('GET tagging'), ...Array(6).fill('HEAD object')])
})

describe('one change of which nobody told', () => {
  const silent = async ({ fleet, id }: Awaited<ReturnType<typeof settledBucket>>) =>
    (await fleet.pool.query('SELECT 1 FROM bucket_events WHERE bucket_id = $1 AND untold_at > heard_at', [id]))
      .rowCount === 1

  test('is found by the next look at the master, which then comes often again', async () => {
    const settled = await settledBucket('untold', 1)
    const { fleet, look, row } = settled
    await look('hpc')
    await fleet.put('hpc', 'untold', 'new', 'new')
    await look('hpc')
    expect(await fleet.text('edge', 'untold', 'new')).toBe('new')
    expect(await silent(settled)).toBe(true)
    expect(await row('hpc')).toMatchObject({ quiet: 0 })
    expect((await row('hpc')).rests).toBeLessThanOrEqual(30) // half of max_staleness
  })

  test('is found by a look at a copy, too, and the master is looked at for it at once', async () => {
    const settled = await settledBucket('by-copy', 1)
    const { fleet, look, row } = settled
    await look('hpc')
    await fleet.put('hpc', 'by-copy', 'new', 'new')
    await look('edge')
    await eventually('the source is not believed any more', () => silent(settled))
    await fleet.idle()
    expect(await row('hpc')).toMatchObject({ quiet: 0 })
    expect(await fleet.text('edge', 'by-copy', 'new')).toBe('new')
  })
})
