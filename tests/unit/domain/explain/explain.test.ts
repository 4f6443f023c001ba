import { expect, test } from 'vitest'
import { decidedPolicies, type KeptDecision } from '../../../../server/domain/decide/kept-decision.ts'
import { callFault } from '../../../../server/domain/explain/check-call.ts'
import type { Deployment } from '../../../../server/domain/explain/deployment.ts'
import { explainCall } from '../../../../server/domain/explain/explain-call.ts'
import { sayCallers, sayChanges } from '../../../../server/domain/explain/say-decision.ts'
import { decidedTable, type RouteTable } from '../../../../server/domain/route/routing-table.ts'

test('a decision is named by the value of its header, whole or in part, with its name or without', () => {
  const name = 'Ab12cd34Ef-6gh_8'
  for (const text of [
    name,
    ` ${name}\n`,
    `${name};round_robin`,
    `${name};round_robin;try=1`,
    `x-fado-decision: ${name};first;try=3`,
    `X-FaDO-Decision:${name}`,
    `"${name}"`,
  ])
    expect(decidedTable(text), text).toBe(name)
  for (const text of ['', 'photos', `${name}x`, `${name} ${name}`, `x-other: ${name}`, ';round_robin'])
    expect(decidedTable(text), text).toBeUndefined()
})

test('what is no method of HTTP is no call', () => {
  const faultOf = (method: string) => callFault({ method, path: '/function/f', headers: [] })
  for (const method of ['GET', 'PATCH', 'CONNECT', 'PROPFIND']) expect(faultOf(method)).toBeUndefined()
  for (const method of ['FETCH', 'get', '', 'GET /'])
    expect(faultOf(method)).toEqual({
      message: expect.stringContaining('method must be one of HTTP'),
      path: ['method'],
    })
})

const ward = { id: 'w', name: 'ward', kind: 'certificate' as const, authority: 'PEM', names: ['ward.example'] }

test('who is known by a certificate is nobody where the ingress speaks no TLS, and that is said', () => {
  const table: RouteTable = { clusters: ['hpc'], lbPolicy: 'random', timeoutMs: 0 }
  const explain = (speaksTls: boolean, callers?: readonly string[]) =>
    explainCall(
      { method: 'GET', path: '/function/f', headers: [{ name: 'x-fado-bucket', value: 'photos' }] },
      {
        matchHeader: 'X-FaDO-Bucket',
        corsOrigins: [],
        who: { caller: ward, callers: [ward], hidesBuckets: false, speaksTls },
        clusters: ['hpc'],
        deployments: [],
        bucket: {
          name: 'photos',
          route: { tableId: 't', table: callers ? { ...table, callers } : table },
          verdicts: [],
          pending: [],
          starting: null,
        },
      },
    )
  const codes = (...args: Parameters<typeof explain>) => {
    const { status, reasons } = explain(...args)
    return [status, ...reasons.map(({ code }) => code)]
  }
  expect(codes(true, ['w'])).toEqual([503, 'NOBODY_SERVES'])
  expect(codes(false, ['w'])).toEqual([401, 'CALLER_UNPROVEN', 'NO_TLS_INGRESS'])
  expect(codes(false)).toEqual([503, 'NOBODY_SERVES', 'NO_TLS_INGRESS'])
  expect([explain(false, ['w']).callers, explain(true).callers]).toEqual([['ward'], null])
})

test('where no deployment of its clusters takes gRPC, and another of the fleet does, a call of it is told what to do', () => {
  const table: RouteTable = { clusters: ['hpc'], lbPolicy: 'random', timeoutMs: 0 }
  const explain = (contentType: string, hpc: Partial<Deployment>) => {
    const headers = Object.entries({ 'x-fado-bucket': 'photos', 'content-type': contentType })
    const { status, grpcStatus, reasons } = explainCall(
      { method: 'POST', path: '/function/f', headers: headers.map(([name, value]) => ({ name, value })) },
      {
        matchHeader: 'X-FaDO-Bucket',
        corsOrigins: [],
        who: { caller: null, callers: [], hidesBuckets: false, speaksTls: false },
        clusters: ['edge', 'hpc'],
        deployments: [deployment('edge', { takes: 'grpc' }), deployment('hpc', hpc)],
        bucket: { name: 'photos', route: { tableId: 't', table }, verdicts: [], pending: [], starting: null },
      },
    )
    return [status, grpcStatus, ...reasons.map(({ code }) => code)]
  }
  expect(explain('application/grpc+proto', {})).toEqual([503, 14, 'NOBODY_TAKES_GRPC'])
  expect(explain('application/grpc', { takes: 'both', health: 'unhealthy' })).toEqual([503, 14, 'NOBODY_SERVES'])
  expect(explain('application/grpc', { takes: 'both' })).toEqual([null, null])
  expect(explain('application/json', {})).toEqual([null, null])
  expect(explain('application/json', { takes: 'grpc' })).toEqual([503, null, 'NOBODY_SERVES'])
})

test('what cannot be called is passed over where clusters are asked in order, and an offer of a WebSocket is no call of gRPC', () => {
  const explain = (deployments: readonly Deployment[], more: Readonly<Record<string, string>> = {}) => {
    const table: RouteTable = { clusters: ['edge', 'hpc'], lbPolicy: 'first', order: ['edge', 'hpc'], timeoutMs: 0 }
    const headers = Object.entries({ 'x-fado-bucket': 'photos', ...more })
    const { status, grpcStatus, candidates } = explainCall(
      { method: 'GET', path: '/function/f', headers: headers.map(([name, value]) => ({ name, value })) },
      {
        matchHeader: 'X-FaDO-Bucket',
        corsOrigins: [],
        who: { caller: null, callers: [], hidesBuckets: false, speaksTls: false },
        clusters: ['edge', 'hpc'],
        deployments,
        bucket: { name: 'photos', route: { tableId: 't', table }, verdicts: [], pending: [], starting: null },
      },
    )
    return [status, grpcStatus, candidates.filter(({ eligible }) => eligible).map(({ cluster }) => cluster)]
  }
  for (const unused of ['target', 'address'] as const)
    expect(explain([deployment('edge', { unused }), deployment('hpc', {})])).toEqual([null, null, ['hpc']])
  const both = [deployment('edge', {}), deployment('hpc', { takes: 'grpc' })]
  const grpc = { 'content-type': 'application/grpc' }
  expect(explain(both, grpc)).toEqual([null, null, ['hpc']])
  expect(explain(both, { ...grpc, connection: 'upgrade', upgrade: 'websocket' })).toEqual([null, null, ['edge']])
  expect(explain(both, { ...grpc, connection: 'upgrade', upgrade: 'h2c' })).toEqual([null, null, ['hpc']])
})

const deployment = (cluster: string, more: Partial<Deployment>): Deployment => ({
  id: cluster,
  cluster,
  kind: 'HTTP',
  url: `http://${cluster}`,
  addresses: ['127.0.0.1'],
  weight: 1,
  health: 'healthy',
  functions: [],
  listed: null,
  unused: null,
  ...more,
})

test('versions and callers are said in words', () => {
  const said = (bucketChanges: number | null, policyChanges: number) => sayChanges({ bucketChanges, policyChanges })
  expect(said(0, 0)).toBe('Users have changed neither the bucket nor the policies since.')
  expect(said(1, 0)).toBe('Users have changed the bucket once since, and the policies for all buckets not at all.')
  expect(said(0, 2)).toBe('Users have changed the bucket not at all since, and the policies for all buckets twice.')
  expect(said(null, 3)).toBe('The bucket is gone. Users have changed the policies for all buckets 3 times since.')
  expect(sayCallers(null, 'may')).toBe('Anybody may call.')
  expect(sayCallers(['a', 'b'], 'might')).toBe('Only a and b might call.')
  expect(sayCallers([], 'might')).toBe('Nobody might call: the policy callers names no caller that there was.')
})

test('of each policy is told whose its value was, as far as it was kept', () => {
  const older: KeptDecision = {
    policies: { zones: ['de'], lb_policy: 'random' },
    override: null,
    clusters: [],
  }
  const sources = (kept: KeptDecision) => decidedPolicies(kept).map(({ name, value, source }) => [name, value, source])
  expect(sources(older)).toEqual([
    ['zones', ['de'], null],
    ['lb_policy', 'random', null],
  ])
  expect(sources({ ...older, sources: { zones: 'bucket' } })).toEqual([
    ['zones', ['de'], 'bucket'],
    ['lb_policy', 'random', 'default'],
  ])
  const override = { lbPolicy: 'first', clusters: ['hpc'] } as const
  expect(sources({ ...older, override }).at(-1)).toEqual(['lb_policy', 'first', 'override'])
})

test('where a platform that a call may go to refuses the key of FaDO, that is told, and the call goes there all the same', () => {
  const explain = (name: string) => {
    const table: RouteTable = { clusters: ['hpc'], lbPolicy: 'random', timeoutMs: 0 }
    const { outcome, reasons, candidates } = explainCall(
      { method: 'GET', path: `/function/${name}`, headers: [{ name: 'x-fado-bucket', value: 'photos' }] },
      {
        matchHeader: 'X-FaDO-Bucket',
        corsOrigins: [],
        who: { caller: null, callers: [], hidesBuckets: false, speaksTls: false },
        clusters: ['edge', 'hpc'],
        deployments: [
          deployment('edge', { refusesKey: true }),
          deployment('hpc', {}),
          deployment('hpc', { id: 'lambda', url: 'http://lambda', functions: ['resize'], refusesKey: true }),
        ],
        bucket: { name: 'photos', route: { tableId: 't', table }, verdicts: [], pending: [], starting: null },
      },
    )
    const eligible = candidates.flatMap((one) => (one.eligible ? [one.url] : []))
    return [outcome, eligible, reasons.map(({ code, message }) => [code, /http:\/\/lambda/.test(message)])]
  }
  expect(explain('resize')).toEqual(['ROUTED', ['http://hpc', 'http://lambda'], [['PLATFORM_REFUSES', true]]])
  expect(explain('blur')).toEqual(['ROUTED', ['http://hpc'], []])
})
