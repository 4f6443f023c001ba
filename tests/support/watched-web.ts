// What tests of subscriptions share: a control plane with a bucket, what reconciler and mover would write, and a client's
// view of what it is told.
import type { Client } from 'graphql-ws'
import { onTestFinished } from 'vitest'
import type { EventTopic } from '../../server/db/core/news.ts'
import { startTestWeb } from './web.ts'
import { fleet, type TestBucket } from './world/fleet.ts'

export type WatchedWeb = Awaited<ReturnType<typeof startWatchedWeb>>

/** The bucket `photos` has its master on hpc, which has functions; edge has a store only. */
export async function startWatchedWeb() {
  const web = await startTestWeb()
  const rows = fleet(web.pool)
  const hpc = await rows.cluster('hpc', { urls: ['http://f'] })
  const edge = await rows.cluster('edge')
  const photos = await hpc.store.bucket('photos')

  /** As the reconciler and the mover write it. */
  async function happens(
    topic: EventTopic,
    subjects: string[],
    text = 'SELECT 1',
    values: unknown[] = [],
  ): Promise<void> {
    await web.pool.transaction(async (tx) => {
      await tx.query(text, values)
      tx.changed(topic, subjects)
    })
  }
  const replica = async (bucket: TestBucket) => (await bucket.replica(edge.store, { observed: 'syncing' })).id
  const observed = (id: string, state: string) =>
    happens('replica', [id], 'UPDATE replica SET observed = $2 WHERE id = $1', [id, state])
  return { web, rows, hpc, edge, photos, happens, replica, observed }
}

// biome-ignore lint/suspicious/noExplicitAny: events are looked at as they come
type Event = any
export function subscribe(client: Client, query: string, variables: Record<string, unknown> = {}) {
  const events: { readonly at: number; readonly event: Event }[] = []
  const ended = Promise.withResolvers<unknown>()
  const close = client.subscribe<Record<string, Event>>(
    { query, variables },
    {
      next: ({ data, errors }) => {
        if (errors) ended.resolve(errors)
        else events.push({ at: performance.now(), event: Object.values(data ?? {})[0] })
      },
      error: ended.resolve,
      complete: () => ended.resolve('complete'),
    },
  )
  onTestFinished(() => close())
  return { events, ended: ended.promise, close, last: () => events.at(-1)?.event }
}
export const progress = `subscription ($bucket: String) { replicationProgress(bucket: $bucket) { at replica {
  id state serving bucket { name } storageDeployment { name } lag { objects } progress { phase bytesDone } } } }`
export const routes = `subscription ($bucket: String) { routesChanged(bucket: $bucket) { at bucket { name } route {
  lbPolicy state overridden upstreams { cluster { name } weight } } } }`
