// The history of work on whole copies, and how late changes came, over the API.
import { v7 } from 'uuid'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { addArrivals } from '../../../server/db/copies/conformance.ts'
import { recordRun } from '../../../server/db/queue/replication-runs.ts'
import { type Arrivals, addArrival } from '../../../server/domain/replica/conformance.ts'
import { type EndedRun, endedRun, noFigures } from '../../../server/domain/replica/run.ts'
import { startTestWeb, type TestWeb } from '../../support/web.ts'
import { fleet } from '../../support/world/fleet.ts'

let web: TestWeb
let place: { readonly bucketId: string; readonly storageId: string }
beforeEach(async () => {
  web = await startTestWeb()
  onTestFinished(() => web.stop())
  const rows = fleet(web.pool)
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const [bucket, other] = [await hpc.store.bucket('photos'), await hpc.store.bucket('films')]
  await bucket.replica(edge.store)
  place = { bucketId: bucket.id, storageId: edge.store.id }
  await record(
    3,
    endedRun('sweep', { outcome: 'done', cause: null }, { ...noFigures, found: { objects: 0, bytes: 0 } }),
  )
  const call = { kind: 'call', store: 'edge', error: 'access-denied', detail: 'It does not allow this' } as const
  await record(2, endedRun('first_sync', { outcome: 'failed', cause: call }, noFigures))
  const amount = { objects: 5, bytes: 50 }
  await record(1, endedRun('first_sync', { outcome: 'done', cause: null }, { found: amount, done: amount, note: null }))
  await record(0, endedRun('evict', { outcome: 'lost', cause: null }, noFigures), { ...place, bucketId: other.id })
})
/** It began so many hours ago. */
async function record(hours: number, run: EndedRun | null, at = place): Promise<void> {
  if (run === null) throw new Error('such a run leaves nothing')
  const beganAt = Date.now() - hours * 3_600_000
  await web.pool.transaction((tx) => recordRun(tx, { ...at, runId: v7(), beganAt }, run))
}
const ask = (filter: object, page: object = {}) =>
  web.ask(
    `query ($filter: ReplicationRunFilter, $first: Int, $after: String) {
      replicationRuns(filter: $filter, first: $first, after: $after) { pageInfo { hasNextPage endCursor } nodes {
        bucket { name } storageDeployment { name } kind outcome runs beganAt endedAt seconds
        objectsFound bytesFound objectsDone bytesDone cause { code message store } } } }`,
    { filter, ...page },
  )
const list = async (filter: object) => (await ask(filter)).data.replicationRuns.nodes
const work = async (filter: object) =>
  (await list(filter)).map((run: { kind: string; outcome: string }) => `${run.kind} ${run.outcome}`)

test('runs are told with what they found and why they ended, those that found nothing only on demand', async () => {
  expect(await work({})).toEqual(['EVICT LOST', 'FIRST_SYNC DONE', 'FIRST_SYNC FAILED'])
  expect(await work({ bucket: 'photos', quiet: true })).toEqual(['FIRST_SYNC DONE', 'FIRST_SYNC FAILED', 'SWEEP DONE'])
  expect(await work({ storageDeployment: 'edge', outcomes: ['FAILED', 'LOST'] })).toEqual([
    'EVICT LOST',
    'FIRST_SYNC FAILED',
  ])
  expect(await work({ storageDeployment: 'hpc' })).toEqual([])
  const [lost, done, failed] = await list({})
  expect(lost).toMatchObject({ bucket: { name: 'films' }, cause: { code: 'MOVER_LOST' } })
  expect(done).toMatchObject({ objectsFound: 5, bytesFound: 50, objectsDone: 5, bytesDone: 50, cause: null, runs: 1 })
  expect(failed).toMatchObject({
    ...{ bucket: { name: 'photos' }, storageDeployment: { name: 'edge' }, objectsFound: null },
    cause: { code: 'CALL_FAILED', message: 'edge: It does not allow this', store: 'edge' },
  })
})

test('pages follow each other, and what cannot be asked for is refused by its name', async () => {
  const first = (await ask({}, { first: 2 })).data.replicationRuns
  expect(first.pageInfo.hasNextPage).toBe(true)
  const next = (await ask({}, { first: 2, after: first.pageInfo.endCursor })).data.replicationRuns
  expect(next.nodes).toMatchObject([{ outcome: 'FAILED' }])
  expect(next.pageInfo.hasNextPage).toBe(false)
  const code = async (filter: object, page: object = {}) => (await ask(filter, page)).errors?.[0]?.extensions?.code
  expect(await code({ bucket: 'nobody' })).toBe('NOT_FOUND')
  expect(await code({ storageDeployment: 'nowhere' })).toBe('NOT_FOUND')
  expect(await code({ bucket: 'photos' }, { after: first.pageInfo.endCursor })).toBe('BAD_USER_INPUT')
  const instant = '2026-01-31T10:00:00.000Z'
  const noDay = instant.replace('01-31', '02-31')
  for (const place of ["x' y", `${instant} ${'-'.repeat(36)}`, `${noDay} ${v7()}`]) {
    const forged = Buffer.from(JSON.stringify(['runs {"quiet":false}', place])).toString('base64url')
    expect(await code({}, { after: forged }), place).toBe('BAD_USER_INPUT')
  }
  expect(await code({}, { first: 101 })).toBe('BAD_USER_INPUT')
})

test('of a bucket that is gone nothing is told', async () => {
  await web.pool.query(`DELETE FROM bucket WHERE name = 'films'`)
  expect(await work({})).toEqual(['FIRST_SYNC DONE', 'FIRST_SYNC FAILED'])
})

test('a copy tells by month how late its changes came, and the slowest of them', async () => {
  const months = async () =>
    (
      await web.ask(`{ bucket(name: "photos") { replicas { conformance { month changes objectiveSeconds onTime
        within { seconds changes share } slowest { seconds key at cause { code message store } } } } } }`)
    ).data.bucket.replicas[0].conformance
  expect(await months()).toEqual([])
  const trouble = { kind: 'store', store: 'edge', problem: 'unreachable' } as const
  const counted = [1, 1, 41].reduce<Arrivals | null>(
    (all, seconds) => addArrival(all, { seconds, key: `k${seconds}`, cause: trouble }),
    null,
  )
  if (counted !== null) await addArrivals(web.pool, place, counted)
  const [month] = await months()
  expect(month).toMatchObject({
    ...{ month: new Date().toISOString().slice(0, 7), changes: 3, objectiveSeconds: 15, onTime: 2 / 3 },
    slowest: { seconds: 41, key: 'k41', cause: { code: 'STORE_UNREACHABLE', store: 'edge' } },
  })
  expect(month.within.map(({ changes }: { changes: number }) => changes)).toEqual([2, 2, 2, 3, 3, 3, 3])
})
