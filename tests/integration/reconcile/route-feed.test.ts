import { randomBytes } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import type { RoutingChange } from '../../../proxy/routing-proxy.ts'
import { anyTarget } from '../../../server/forbidden-target.ts'
import { createLog } from '../../../server/log.ts'
import { createDeploymentSecrets } from '../../../server/reconcile/deployment-secrets.ts'
import { startRouteFeed } from '../../../server/reconcile/route-feed.ts'
import { createSecretBox } from '../../../server/secrets.ts'
import { eventually } from '../../support/eventually.ts'
import { freshPool } from '../../support/fresh-pool.ts'
import { noSecrets } from '../../support/no-secrets.ts'
import { fleet } from '../../support/world/fleet.ts'

type FeedDeps = Parameters<typeof startRouteFeed>[0]

/** Nobody wakes it. */
async function startFeed(given: Pick<FeedDeps, 'pool' | 'apply'> & Partial<FeedDeps>) {
  const wakeups = { on: () => () => undefined }
  const feed = await startRouteFeed({ wakeups, log: createLog('silent', 'test'), secrets: noSecrets, ...given })
  onTestFinished(() => feed.stop())
  return feed
}

test('routes, endpoints and what holds for all callers arrive though every wake-up is lost', async () => {
  const pool = await freshPool()
  const rows = fleet(pool)
  const hpc = await rows.cluster('hpc', { urls: ['http://one.invalid'] })
  const changes: RoutingChange[] = []
  await startFeed({
    pool,
    apply: (change) => changes.push(change),
    secrets: createDeploymentSecrets({
      secrets: createSecretBox(randomBytes(32)),
      mayAsk: { forbiddenTarget: anyTarget },
      log: createLog('silent', 'test'),
    }),
  })
  const last = <K extends RoutingChange['kind']>(kind: K) =>
    changes.findLast((change): change is Extract<RoutingChange, { kind: K }> => change.kind === kind)
  expect(last('endpoints')?.endpoints).toHaveLength(1)
  expect(last('upstreams')?.settings).toEqual({ slowStartMs: 30_000, callsAtOnce: null })

  await rows.cluster('edge', { urls: ['http://two.invalid'] })
  await rows.policy(null, 'lb_match_header', 'X-Data')
  await rows.policy(null, 'cors_origins', ['https://app.example'])
  await rows.policy(null, 'slow_start', 1.5)
  await rows.policy(null, 'calls_at_once', 7)
  const bucket = await hpc.store.bucket('photos')
  await bucket.route(1, ['hpc'])
  await eventually('endpoints', () => last('endpoints')?.endpoints.length === 2)
  await eventually('header', () => last('match-header')?.name === 'X-Data')
  await eventually('origins', () => last('cors-origins')?.origins[0] === 'https://app.example')
  await eventually('what is set of deployments', () => {
    const { slowStartMs, callsAtOnce } = last('upstreams')?.settings ?? {}
    return slowStartMs === 1_500 && callsAtOnce === 7
  })
  await eventually('route', () => last('routes')?.routes[0]?.bucket === 'photos')
})

test('who must know what is decided by now is told when it was applied, or that it cannot be read', async () => {
  const pool = await freshPool()
  const rows = fleet(pool)
  const hpc = await rows.cluster('hpc', { urls: ['http://one.invalid'] })
  const applied: RoutingChange[] = []
  const feed = await startFeed({ pool, apply: (change) => applied.push(change) })
  const bucket = await hpc.store.bucket('photos')
  await bucket.route(1, ['hpc'])
  await rows.policy(null, 'lb_match_header', 'X-Data')
  await feed.caughtUp()
  const kinds = applied.slice(-6).map(({ kind }) => kind)
  expect(kinds).toEqual(['upstreams', 'endpoints', 'match-header', 'cors-origins', 'callers', 'routes'])
  await pool.end()
  await expect(feed.caughtUp()).rejects.toThrow()
})

test('what cannot be applied is told to who must know it, be it a route or not, until it can', async () => {
  const pool = await freshPool()
  const rows = fleet(pool)
  const hpc = await rows.cluster('hpc', { urls: ['http://one.invalid'] })
  const bucket = await hpc.store.bucket('photos')
  let broken: RoutingChange['kind'] | undefined
  const feed = await startFeed({
    pool,
    apply(change) {
      if (change.kind === broken) throw new Error(`no ${broken}`)
    },
  })
  await bucket.route(1, ['hpc'])
  for (const kind of ['routes', 'callers'] as const) {
    broken = kind
    await expect(feed.caughtUp()).rejects.toThrow(`no ${kind}`)
    broken = undefined
    await feed.caughtUp()
  }
})

test('tables of the last days are told before any route, for Envoys that still go by them', async () => {
  const pool = await freshPool()
  const { store } = await fleet(pool).cluster('hpc')
  const bucket = await store.bucket('photos')
  const days = { lately: 1, 'long ago': 3 }
  for (const [i, [cluster, ago]] of Object.entries(days).entries()) {
    await bucket.route(i + 1, [cluster])
    await pool.query(
      `UPDATE route_table SET last_needed_at = now() - make_interval(days => $2) WHERE clusters = ARRAY[$1]`,
      [cluster, ago],
    )
  }
  await bucket.route(3, ['hpc'])
  const applied: RoutingChange[] = []
  await startFeed({ pool, apply: (change) => applied.push(change) })
  const [tables, routes] = applied.slice(-2)
  expect([tables?.kind, routes?.kind]).toEqual(['tables', 'routes'])
  const told = tables?.kind === 'tables' ? tables.tables.map(({ clusters }) => clusters[0]).sort() : []
  expect(told).toEqual(['hpc', 'lately'])
})

test('a start waits for what platforms are asked for, but not for ever', async () => {
  const pool = await freshPool()
  await fleet(pool).cluster('google', { urls: ['http://one.invalid'] })
  /** What its Envoys are told first; `answers`: whether the platform does. */
  async function firstTold(answers: boolean) {
    const applied: RoutingChange[] = []
    let header: string | undefined
    await startFeed({
      pool,
      apply: (change) => applied.push(change),
      secrets: {
        withSecrets: (all) =>
          all.map(({ sealed: _none, ...endpoint }) => ({
            ...endpoint,
            ...(header ? { secrets: { version: '1', header } } : {}),
          })),
        async askFor() {
          await (answers ? new Promise(setImmediate) : new Promise(() => undefined))
          header = 'Bearer token'
        },
        onNew: () => undefined,
      },
    })
    const told = applied.find((change) => change.kind === 'endpoints')
    return told?.endpoints.map(({ secrets }) => secrets?.header)
  }
  expect(await firstTold(true)).toEqual(['Bearer token'])
  expect(await firstTold(false)).toEqual([undefined])
})
