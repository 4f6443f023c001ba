// What the Topology screen asks: what is told, and what it costs in a large fleet.
import { print } from 'graphql'
import { expect, onTestFinished, test } from 'vitest'
import { RingClustersDocument, RingLinksDocument } from '../../../graphql/generated/operations.ts'
import { startTestWeb, type TestWeb } from '../../support/web.ts'
import { fleet, type TestCluster } from '../../support/world/fleet.ts'

async function start(): Promise<TestWeb> {
  const web = await startTestWeb()
  onTestFinished(() => web.stop())
  return web
}

test('of each store is told how many masters and replicas lie there, and a link is left out with which nothing goes on', async () => {
  const web = await start()
  const rows = fleet(web.pool)
  const [hpc, edge, cloud] = [await rows.cluster('hpc'), await rows.cluster('edge'), await rows.cluster('cloud')]
  const photos = await hpc.store.bucket('photos')
  await (await photos.replica(edge.store)).waits('k')
  await (await hpc.store.bucket('films')).replica(cloud.store)
  await hpc.store.bucket('unmade', { state: 'creating' })

  const { data } = await web.ask(
    '{ clusters { nodes { name storageDeployments { held { masters replicas } } } } all: links { to { name } } }',
  )
  expect(data.clusters.nodes).toEqual([
    { name: 'cloud', storageDeployments: [{ held: { masters: 0, replicas: 1 } }] },
    { name: 'edge', storageDeployments: [{ held: { masters: 0, replicas: 1 } }] },
    { name: 'hpc', storageDeployments: [{ held: { masters: 2, replicas: 0 } }] },
  ])
  expect(data.all).toEqual([{ to: { name: 'cloud' } }, { to: { name: 'edge' } }])

  const used = async () =>
    (await web.ask('{ links(used: true) { to { name } movers } }')).data.links.map(
      (link: { to: { name: string } }) => link.to.name,
    )
  // No mover runs: each link is one that lacks one.
  expect(await used()).toEqual(['cloud', 'edge'])
  await aMover(web)
  expect(await used()).toEqual(['edge'])
})

test('what the ring asks of 50 clusters with 1 000 buckets stays small', async () => {
  const web = await start()
  await largeFleet(web)
  const clusters = await asked(web, print(RingClustersDocument))
  const links = await asked(web, print(RingLinksDocument), { used: true })
  expect(clusters.data.clusters.nodes).toHaveLength(50)
  expect(links.data.links.length).toBeGreaterThan(100)
  expect(clusters.bytes).toBeLessThan(50_000)
  expect(links.bytes / links.data.links.length).toBeLessThan(400)
})

/** 50 clusters, 1 000 buckets with two replicas each, of which a tenth waits for something. */
async function largeFleet(web: TestWeb): Promise<void> {
  const rows = fleet(web.pool)
  const clusters: TestCluster[] = []
  for (let n = 0; n < 50; n++) {
    const name = `cluster-${String(n).padStart(2, '0')}`
    clusters.push(
      await rows.cluster(name, {
        zones: [`zone-${n % 8}`, n % 3 === 0 ? 'gpu' : 'cpu'],
        urls: [`http://${name}.invalid`],
      }),
    )
  }
  const stores = clusters.map(({ store }) => store.id)
  await web.pool.query(
    `INSERT INTO bucket (id, name, state, master_storage_id, master_bucket_name, objects, bytes)
     SELECT gen_random_uuid(), 'bucket-' || n, 'active', ($1::uuid[])[1 + n % 50], 'bucket-' || n, 1000, 1e9 FROM generate_series(0, 999) n`,
    [stores],
  )
  await web.pool.query(
    `INSERT INTO replica (id, bucket_id, storage_id, bucket_name, wanted, generation, epoch, observed)
     SELECT gen_random_uuid(), b.id, ($1::uuid[])[1 + (n + step * (1 + n / 50 % 20)) % 50], b.name, true, 1, 1, 'complete'
     FROM (SELECT id, name, replace(name, 'bucket-', '')::int AS n FROM bucket) b, unnest(ARRAY[1, 2]) step`,
    [stores],
  )
  await web.pool.query(
    `INSERT INTO dirty_object (bucket_id, storage_id, key)
     SELECT r.bucket_id, r.storage_id, 'k' || k FROM replica r, generate_series(1, 10) k WHERE r.bucket_name LIKE '%7'`,
  )
  await aMover(web)
}

const aMover = (web: TestWeb) =>
  web.pool.query("INSERT INTO mover (owner, seen_at) VALUES (gen_random_uuid(), now() + interval '1 h')")

async function asked(web: TestWeb, query: string, variables: Record<string, unknown> = {}) {
  const { data } = await web.ask(query, variables)
  return { data, bytes: JSON.stringify(data).length }
}
