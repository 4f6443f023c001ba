// What FaDO tells an Envoy is told to older ones too: the oldest and, in the soak, one in the middle of those that pip has.

import { expect, test } from 'vitest'
import { ownClaims, ownIssuer, ownKeyPrefix } from '../../../server/domain/callers/by-token.ts'
import type { Caller } from '../../../server/domain/callers/caller.ts'
import type { ToldCall } from '../../../server/domain/calls/tally.ts'
import { lbPolicies } from '../../../server/domain/policy/lb-policy.ts'
import { locateTool } from '../../../server/tools.ts'
import { eventually } from '../../support/eventually.ts'
import { grpcClient, startGrpcServer } from '../../support/grpc.ts'
import { endpointOf, startFunctions, startRouting, tableOf } from '../../support/routing.ts'
import { keySet, signingKey, token } from '../../support/tokens.ts'

const isSoak = process.env['FADO_ALL_STORES'] === 'yes'
const versions = (['oldest-envoy', 'middle-envoy'] as const).filter((tool) => tool !== 'middle-envoy' || isSoak)

test.for(versions)(
  '%s routes, rewrites, balances, adds proofs, guards, and takes changes without a refusal',
  async (tool) => {
    const key = signingKey('k')
    const [edge, hpc, proven, signed] = await Promise.all(
      ['edge', 'hpc', 'proven', 'signed'].map((name) => startFunctions(name)),
    )
    if (!edge || !hpc || !proven || !signed) return expect.fail()
    const greeter = await startGrpcServer('greeter')
    const told: ToldCall[] = []
    let passedMs = 0
    const now = () => performance.now() + passedMs
    const routing = await startRouting({ now, called: (calls) => void told.push(...calls) })
    const { proxy, acked, call } = routing
    const endpoints = [
      endpointOf(edge),
      endpointOf(hpc, { pathTemplate: '//{name}.example/run/{name}{rest}' }),
      endpointOf(proven, {
        auth: { kind: 'key', header: 'x-functions-key' },
        secrets: { version: '1', header: 'the-key' },
      }),
      endpointOf(signed, {
        auth: { kind: 'aws_sigv4', accessKey: 'AKIAEXAMPLE', region: 'eu-central-1', service: 'lambda' },
        secrets: { version: '1', secretKey: 'the-aws-secret' },
      }),
      endpointOf(edge, { id: 'shared', cluster: 'shared', pathTemplate: '/shared/{name}' }),
      endpointOf(greeter, { takes: 'grpc' }),
    ]
    proxy.apply({ kind: 'endpoints', endpoints })
    proxy.apply({ kind: 'upstreams', settings: { slowStartMs: 1000, callsAtOnce: 100 } })
    proxy.apply({ kind: 'cors-origins', origins: ['https://app.example'] })
    const callers: Caller[] = [
      { id: 'first', kind: 'token', issuer: ownIssuer, audiences: [], claims: ownClaims('first') },
    ]
    proxy.apply({ kind: 'callers', callers, keys: { [ownIssuer]: keySet(key) }, hidesBuckets: false })
    const tables = {
      ...Object.fromEntries(lbPolicies.map((lbPolicy) => [lbPolicy, tableOf(['edge', 'hpc'], { lbPolicy })])),
      rewritten: tableOf(['hpc']),
      proven: tableOf(['proven']),
      signed: tableOf(['signed']),
      shared: tableOf(['shared']),
      greeter: tableOf(['greeter']),
      guarded: tableOf(['edge'], { callers: ['first'] }),
    }
    const routes = Object.entries(tables).map(([bucket, table], i) => ({ bucket, number: i + 1, table }))
    proxy.apply({ kind: 'routes', routes })
    proxy.ready()
    const envoy = await routing.startEnvoy({ program: locateTool(tool, process.env) })
    await routing.firstAnswer('/function/f', { bucket: 'rewritten' })
    await acked(routes.length)
    for (const lbPolicy of lbPolicies) {
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_, i) => call(`/function/f${i}`, { bucket: lbPolicy })),
      )
      for (const { status, headers } of answers) {
        expect(status, lbPolicy).toBe(200)
        expect(headers['x-fado-decision']).toContain(`;${lbPolicy};try=1`)
      }
    }
    const seen = async (bucket: string) => JSON.parse((await call('/function/f/a?x=1', { bucket })).body) as Seen
    const host = ({ rawHeaders }: Seen) => rawHeaders[rawHeaders.findIndex((name) => name.toLowerCase() === 'host') + 1]
    const rewritten = await seen('rewritten')
    expect([rewritten.url, host(rewritten)]).toEqual(['/run/f/a?x=1', 'f.example'])
    expect((await seen('shared')).url).toBe('/shared/f?x=1')
    const said = await grpcClient(routing.ingressPort).unary('Say', 'x', { bucket: 'greeter' })
    expect(said.text).toBe('greeter heard x')
    expect((await seen('proven')).rawHeaders).toContain('the-key')
    expect((await seen('signed')).rawHeaders.join(' ')).toContain('AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE')
    const authorization = `Bearer ${ownKeyPrefix}${token(key, { iss: ownIssuer, sub: 'first' })}`
    expect((await call('/function/f', { bucket: 'guarded' })).status).toBe(401)
    expect((await call('/function/f', { bucket: 'guarded', headers: { authorization } })).status).toBe(200)
    expect((await call('/function/f', { bucket: 'nobody' })).status).toBe(404)

    proxy.apply({
      kind: 'endpoints',
      endpoints: endpoints.map((one) => ({ ...one, weight: 2 })),
    })
    proxy.apply({
      kind: 'routes',
      routes: [{ bucket: 'rewritten', number: routes.length + 1, table: tableOf(['edge']) }],
    })
    await acked(routes.length + 1)
    expect((await call('/function/f', { bucket: 'rewritten' })).headers['x-fado-served-by']).toBe('edge')
    // Others have served these for longer than a slow start by then, so hpc starts.
    passedMs = 1000
    const starting = tableOf(['edge', 'hpc'])
    proxy.apply({ kind: 'routes', routes: [{ bucket: 'rewritten', number: routes.length + 2, table: starting }] })
    await acked(routes.length + 2)
    expect(await envoy.get('/config_dump?resource=dynamic_route_configs')).toContain('weighted_clusters')
    expect((await call('/function/f', { bucket: 'rewritten' })).status).toBe(200)
    const [status] = proxy.status()
    expect(status?.exceptions).toEqual([])
    const resources = [...proxy.resources(status?.streamId ?? '')]
    expect(resources.filter(({ state }) => state === 'NACKED')).toEqual([])
    await eventually('it tells of its calls', () => told.some(({ bucket }) => bucket === 'rewritten'))
    expect(told.find(({ bucket }) => bucket === 'rewritten')).toMatchObject({
      deployment: 'hpc',
      function: 'f',
      weight: 1,
    })
    expect(await envoy.get('/stats?filter=update_rejected&usedonly')).toMatch(/^$|: 0/)
    expect(envoy.log()).not.toMatch(/deprecated/i)
  },
)

type Seen = { readonly url: string; readonly rawHeaders: readonly string[] }
