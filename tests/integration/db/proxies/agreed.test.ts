// Whoever asks whether the proxies have agreed to a route is told the same: who decides, who shows the route's state, who shows
// for whom it waits, and who shows what a proxy has.

import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { routesOfBuckets } from '../../../../server/db/catalogue/bucket-routes.ts'
import { routesOfProxies } from '../../../../server/db/catalogue/proxies.ts'
import { waitsOfBuckets } from '../../../../server/db/catalogue/route-waits.ts'
import { ackedThrough } from '../../../../server/db/proxies/proxy-acks.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet, fromNow } from '../../../support/world/fleet.ts'
import { insert } from '../../../support/world/insert.ts'

const number = 50

/** Of one proxy: what its stream has ACKed through, and its exception of the bucket. */
type Stream = { readonly acked: number; readonly exception?: 'behind' | 'nacked' }

const open = {}
const inLease = { closedAt: fromNow(-60), heartbeatAt: fromNow(0), leaseUntil: fromNow(60) }
const over = { closedAt: fromNow(-60), heartbeatAt: fromNow(-60), leaseUntil: fromNow(-61) }

/** A bucket with a route, and a proxy with these streams. What each says of whether the proxy has agreed to it. */
async function answers(streams: readonly (Stream & { readonly times: object })[]) {
  const pool = await freshPool()
  const world = fleet(pool)
  const edge = await world.cluster('edge')
  const bucket = await edge.store.bucket('photos')
  await bucket.route(number, ['edge'])
  const proxy = await world.proxy('envoy-1', { stream: { ackedThrough: number } })
  for (const { acked, exception, times } of streams) {
    const id = v7()
    await insert(pool, 'proxyStream', { id, proxyNodeId: proxy.id, processId: v7(), ackedThrough: acked, ...times })
    if (exception)
      await insert(pool, 'proxyException', {
        proxyNodeId: proxy.id,
        streamId: id,
        bucketName: bucket.name,
        number,
        state: exception,
        error: null,
      })
  }
  const through = (await ackedThrough(pool, [bucket.name]))(bucket.name)
  const [route] = await routesOfBuckets(pool, [bucket.id])
  const [shown] = await routesOfProxies(pool, [proxy.id], 10)
  return {
    decided: through !== null && through >= number,
    state: route?.state === 'SERVING',
    awaited: (await waitsOfBuckets(pool, [bucket.id])).length === 0,
    shown: shown?.state === 'ACKED',
  }
}

const all = (agreed: boolean) => ({ decided: agreed, state: agreed, awaited: agreed, shown: agreed })

const lacking: [string, Stream][] = [
  ['has not ACKed it', { acked: number - 1 }],
  ['is behind with it', { acked: number, exception: 'behind' }],
  ['refused it', { acked: number + 1, exception: 'nacked' }],
]

test('a proxy that has ACKed a route on all of its streams agrees to it', async () => {
  expect(await answers([{ acked: number + 1, times: inLease }])).toEqual(all(true))
})

test.for(lacking)('a stream that %s does not agree, open or within its lease', async ([_what, stream]) => {
  expect(await answers([{ ...stream, times: open }])).toEqual(all(false))
  expect(await answers([{ ...stream, times: inLease }])).toEqual(all(false))
})

test.for(lacking)('a stream that %s holds up nothing after its lease', async ([_what, stream]) => {
  expect(await answers([{ ...stream, times: over }])).toEqual(all(true))
})
