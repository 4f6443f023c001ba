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
import { fleet } from '../../support/world/fleet.ts'

test('routes, endpoints and what holds for all callers arrive though every wake-up is lost', async () => {
  const pool = await freshPool()
  const rows = fleet(pool)
  const hpc = await rows.cluster('hpc', { urls: ['http://one.invalid'] })
  const changes: RoutingChange[] = []
  const deaf = {
    wake: () => undefined,
    on: () => () => undefined,
    isListening: () => false,
    stop: async () => undefined,
  }
  const feed = await startRouteFeed({
    pool,
    wakeups: deaf,
    log: createLog('silent', 'test'),
    apply: (change) => changes.push(change),
    secrets: createDeploymentSecrets({
      secrets: createSecretBox(randomBytes(32)),
      mayAsk: { forbiddenTarget: anyTarget },
      log: createLog('silent', 'test'),
    }),
  })
  onTestFinished(() => feed.stop())
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
  const feed = await startRouteFeed({
    pool,
    wakeups: { on: () => () => undefined },
    log: createLog('silent', 'test'),
    apply: (change) => applied.push(change),
    secrets: { with: (endpoint) => endpoint, onNew: () => undefined },
  })
  onTestFinished(() => feed.stop())
  const bucket = await hpc.store.bucket('photos')
  await bucket.route(1, ['hpc'])
  await rows.policy(null, 'lb_match_header', 'X-Data')
  await feed.caughtUp()
  const kinds = applied.slice(-6).map(({ kind }) => kind)
  expect(kinds).toEqual(['upstreams', 'endpoints', 'match-header', 'cors-origins', 'callers', 'routes'])
  await pool.end()
  await expect(feed.caughtUp()).rejects.toThrow()
})
