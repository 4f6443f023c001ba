// From the API to a real Envoy: a bucket is restricted to a caller, who is let in by a key until it is deleted.
import { expect, onTestFinished, test } from 'vitest'
import { createLog } from '../../server/log.ts'
import { startBucketReconciler } from '../../server/reconcile/bucket-reconciler.ts'
import { startRouteFeed } from '../../server/reconcile/route-feed.ts'
import { createAuthority } from '../support/certificates.ts'
import { noSecrets } from '../support/no-secrets.ts'
import { startFunctions } from '../support/routing.ts'
import { startTlsRouting } from '../support/tls-ingress.ts'
import { startTestWeb } from '../support/web.ts'
import { fleet } from '../support/world/fleet.ts'

const log = createLog('silent', 'test')
const soon = { timeout: 10_000, interval: 20 }

async function oneBucket() {
  const authority = await createAuthority()
  const functions = await startFunctions('edge')
  const web = await startTestWeb()
  const { pool, deps } = web
  const edge = await fleet(pool).cluster('edge', { urls: [`http://127.0.0.1:${functions.port}`] })
  const { id } = await edge.store.bucket('records')
  await fleet(pool).mark({ kind: 'ids', ids: [id] })
  const routing = await startTlsRouting(authority)
  const feed = await startRouteFeed({
    pool,
    wakeups: deps.wakeups,
    log,
    apply: routing.proxy.apply,
    secrets: noSecrets,
  })
  const reconciler = startBucketReconciler({ pool, wakeups: deps.wakeups, log })
  onTestFinished(async () => {
    await reconciler.stop()
    await feed.stop()
    await web.stop()
  })
  routing.proxy.ready()
  await routing.startEnvoy()
  await routing.firstAnswer('/function/f', { bucket: 'records' })
  const call = async (key?: string, bucket = 'records') => {
    const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
    return (await routing.call('/function/f', { bucket, headers })).status
  }
  await expect.poll(() => call(), soon).toBe(200)
  const make = async (name: string) =>
    (await web.mutate('callerCreate', { name, how: { key: true } }, 'secret')).secret as string
  const set = (scope: object, value: unknown) =>
    web.mutate('policySet', { scope, name: 'callers', value }, 'policy { value }')
  return { ...routing, web, call, make, set, authority }
}

test('a bucket lets in whom its policy names, until the caller is deleted; a new key of the name is another', async () => {
  const { web, call, make, set } = await oneBucket()
  const [robot, other] = [await make('robot'), await make('other')]
  expect(await call()).toBe(200)
  await set({ bucket: 'records' }, ['robot'])
  await expect.poll(() => call(), soon).toBe(401)
  await expect.poll(() => call(robot), soon).toBe(200)
  expect([await call(other), await call('nonsense')]).toEqual([403, 401])
  await web.mutate('callerDelete', { name: 'robot' }, 'deletedId')
  await expect.poll(() => call(robot), soon).toBe(401)
  expect([await call(other), await call()]).toEqual([403, 401])
  const renewed = await make('robot')
  await expect.poll(() => call(renewed), soon).toBe(200)
  expect(await call(robot)).toBe(401)
  await set({ bucket: 'records' }, 'all')
  await expect.poll(() => call(), soon).toBe(200)
})

test('with a value for the fleet, buckets that are not there are guarded, too; without one they are unknown', async () => {
  const { web, call, make, set } = await oneBucket()
  const robot = await make('robot')
  expect(await call(robot, 'nowhere')).toBe(404)
  await set({ global: true }, ['robot'])
  await expect.poll(() => call(undefined, 'nowhere'), soon).toBe(401)
  await expect.poll(() => call(robot), soon).toBe(200)
  expect([await call(robot, 'nowhere'), await call()]).toEqual([403, 401])
  await web.mutate('policyUnset', { scope: { global: true }, name: 'callers' }, 'policy { value }')
  await expect.poll(() => call(undefined, 'nowhere'), soon).toBe(404)
  await expect.poll(() => call(), soon).toBe(200)
})

test('a bucket lets in whom its policy names by a client certificate, until the caller is deleted', async () => {
  const { web, set, authority, untilAnswered, status } = await oneBucket()
  const [ward, other] = [await authority.issue(['DNS:ward.example']), await authority.issue(['DNS:other.example'])]
  const certificate = { ca: authority.ca, subjectAltNames: ['ward.example'] }
  await web.mutate('callerCreate', { name: 'ward', how: { certificate } }, 'caller { id }')
  await set({ bucket: 'records' }, ['ward'])
  await untilAnswered('records', {}, 401)
  await untilAnswered('records', { pair: ward }, 200)
  await untilAnswered('records', { pair: other }, 403)
  expect(await status('records', { pair: ward })).toBe(200)
  await web.mutate('callerDelete', { name: 'ward' }, 'deletedId')
  await untilAnswered('records', { pair: ward }, 401)
})
