// Hints of what came, went or differs, and the fleet's own policy values: what a console needs to stay right without asking
// by the clock.
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import type { EventTopic } from '../../../server/db/core/news.ts'
import { eventually } from '../../support/eventually.ts'
import { startTestWeb, type TestWeb } from '../../support/web.ts'
import { fleet, type TestCluster } from '../../support/world/fleet.ts'

let web: TestWeb
let hpc: TestCluster
let photos: string
beforeEach(async () => {
  web = await startTestWeb()
  const rows = fleet(web.pool)
  hpc = await rows.cluster('hpc')
  photos = (await hpc.store.bucket('photos')).id
})
afterEach(() => web?.stop())

type Change = { readonly kind: string; readonly subject: string }

function follow() {
  const seen: Change[] = []
  const close = web
    .socket(web.admin)
    .subscribe<{ changes: Change }>(
      { query: 'subscription { changes { at kind subject } }' },
      { next: ({ data }) => void (data && seen.push(data.changes)), error: () => undefined, complete: () => undefined },
    )
  onTestFinished(() => close())
  return seen
}
async function happens(topic: EventTopic, id: string) {
  await web.pool.transaction(async (tx) => tx.changed(topic, [id]))
}
/** What is told from here on happened later. */
async function begun(seen: Change[]) {
  await eventually('the subscription has begun', () => seen.length > 0)
  expect(seen.splice(0)).toMatchObject([{ kind: 'EVERYTHING' }])
}

test('a thing that changed is named by its global id, which node answers, and null once it is gone', async () => {
  const seen = follow()
  await begun(seen)
  await happens('bucket', photos)
  await eventually('the hint', () => seen.some(({ kind }) => kind === 'BUCKET'))
  const subject = seen.find(({ kind }) => kind === 'BUCKET')?.subject
  const look = () => web.ask('query ($id: ID!) { node(id: $id) { ... on Bucket { name } } }', { id: subject })
  expect((await look()).data).toEqual({ node: { name: 'photos' } })
  await web.pool.query('DELETE FROM bucket WHERE id = $1', [photos])
  expect((await look()).data).toEqual({ node: null })
})

test('a page that looked before its subscription began is told to look again, also after the connection was lost', async () => {
  const seen = follow()
  await eventually('the first word', () => seen.length === 1)
  expect(seen).toMatchObject([{ kind: 'EVERYTHING' }])
  const other = follow()
  await eventually('the first word to another', () => other.length === 1)
  expect(other).toMatchObject([{ kind: 'EVERYTHING' }])
  await happens('cluster', hpc.id)
  await eventually('what happened, to both', () => seen.length > 1 && other.length > 1)
  expect([seen, other].map((all) => all.map(({ kind }) => kind))).toEqual(Array(2).fill(['EVERYTHING', 'CLUSTER']))
})

test('what moves all the time is no hint: copies and routes have subscriptions of their own', async () => {
  const seen = follow()
  await begun(seen)
  for (const topic of ['replica', 'route'] as const) await happens(topic, photos)
  await happens('token', hpc.id)
  await eventually('the last of them', () => seen.some(({ kind }) => kind === 'API_TOKEN'))
  expect(new Set(seen.map(({ kind }) => kind))).toEqual(new Set(['API_TOKEN']))
})

test('a caller that came, and one that went, is told of', async () => {
  const seen = follow()
  await begun(seen)
  await web.mutate('callerCreate', { name: 'robot', how: { key: true } }, 'caller { id }')
  await eventually('the hint', () => seen.some(({ kind }) => kind === 'CALLER'))
  const named = seen.find(({ kind }) => kind === 'CALLER')
  seen.splice(0)
  const asked = () => web.ask('query ($id: ID!) { node(id: $id) { ... on Caller { name } } }', { id: named?.subject })
  expect((await asked()).data).toEqual({ node: { name: 'robot' } })
  await web.mutate('callerDelete', { name: 'robot' }, 'deletedId')
  await eventually('the hint', () => seen.some(({ subject }) => subject === named?.subject))
  expect((await asked()).data).toEqual({ node: null })
})

test('globalPolicies gives every policy as the fleet has it: its own value, or the default', async () => {
  const read = async () => {
    const { data } = await web.ask('{ globalPolicies { name value source { kind name } } }')
    return data.globalPolicies.find(({ name }: { name: string }) => name === 'max_staleness')
  }
  expect(await read()).toMatchObject({ value: 60, source: { kind: 'DEFAULT', name: null } })
  await web.mutate('policySet', { scope: { global: true }, name: 'max_staleness', value: 5 }, 'policy { name }')
  expect(await read()).toMatchObject({ value: 5, source: { kind: 'GLOBAL', name: null } })
})

test('where functions are called, and by which header, is told as it is set', async () => {
  const read = async () => (await web.ask('{ ingress { url header } }')).data.ingress
  expect(await read()).toEqual({ url: 'http://127.0.0.1:10000', header: 'X-FaDO-Bucket' })
  await web.mutate(
    'policySet',
    { scope: { global: true }, name: 'lb_match_header', value: 'X-Data' },
    'policy { name }',
  )
  expect(await read()).toMatchObject({ header: 'X-Data' })
})

test('a store without events says so, and its buckets when they were last looked at', async () => {
  const ask = async () => {
    const { data } = await web.ask(
      '{ bucket(name: "photos") { master { lastVerifiedAt storageDeployment { eventSource } } } }',
    )
    return data.bucket.master
  }
  expect(await ask()).toEqual({ lastVerifiedAt: null, storageDeployment: { eventSource: 'WEBHOOK' } })
  await web.pool.query(`UPDATE storage_deployment SET capabilities = '{tags}' WHERE id = $1`, [hpc.store.id])
  await web.pool.query(`UPDATE bucket SET master_swept_at = '2026-01-02T03:04:05Z' WHERE id = $1`, [photos])
  expect(await ask()).toEqual({
    lastVerifiedAt: '2026-01-02T03:04:05.000Z',
    storageDeployment: { eventSource: 'SWEEP' },
  })
})
