import { expect, test } from 'vitest'
import { rules } from '../../../../app/_lib/falls.ts'
import type { Deployment } from '../../../../server/domain/explain/deployment.ts'
import { passedOverCodes, whyPassedOver } from '../../../../server/domain/explain/passed-over.ts'
import type { ReasonCode } from '../../../../server/domain/reason.ts'
import { copyRules } from '../../../../server/domain/route/copy-rules.ts'
import type { RouteTable } from '../../../../server/domain/route/routing-table.ts'

const deployment = (cluster: string, more: Partial<Deployment> = {}): Deployment => ({
  ...({ id: cluster, cluster, kind: 'HTTP', url: `http://${cluster}`, addresses: ['127.0.0.1'], weight: 1 } as const),
  ...{ health: 'healthy', unused: null, ...more },
})
const taker = deployment('hpc')
const tables = {
  alike: { clusters: ['edge', 'hpc'], lbPolicy: 'random', timeoutMs: 0 },
  inOrder: { clusters: ['edge', 'hpc'], lbPolicy: 'first', order: ['hpc', 'edge'], timeoutMs: 0 },
} as const satisfies Record<string, RouteTable>

/** Of a deployment of edge, where that of hpc gets the call. */
function whyNot(more: Partial<Deployment>, table: RouteTable = tables.alike, path = '/function/resize') {
  const edge = deployment('edge', more)
  const why = whyPassedOver(
    { table, deployments: [edge, taker] },
    { kind: 'plain', path, functionName: path.split('/')[2] ?? '' },
    [taker],
  )
  return why(edge).map(({ code, message }) => [code, message])
}

const told: readonly [ReasonCode, string, ...Parameters<typeof whyNot>][] = [
  ['SECRETS_MISSING', 'FaDO lacks what proves to this platform of edge who calls', { unused: 'target' }],
  ['NO_ADDRESS', 'No address was found yet for this deployment of edge', { unused: 'address' }],
  ['DEPLOYMENT_DOWN', 'This deployment of edge does not answer its probes', { health: 'unhealthy' }],
  ['KIND_NOT_TAKEN', 'This deployment of edge takes only calls of gRPC', { takes: 'grpc' }],
  [
    'DEPLOYMENT_RETURNING',
    'This deployment of edge was down, and is not well for failback_after yet',
    { health: 'returning' },
  ],
  ['NO_SUCH_FUNCTION', 'This deployment of edge has no function resize', { functions: ['blur'] }],
  [
    'NAME_IMPOSSIBLE',
    'The platform of edge has no functions of such names, and answers 404',
    { pathTemplate: '/api/{name}{rest}' },
    tables.alike,
    '/function/a(b',
  ],
  ['NO_SUCH_FUNCTION', 'The platform of edge does not list resize; others do', { listed: ['blur'] }],
  ['LATER_IN_ORDER', 'edge is asked when no deployment of hpc is well', {}, tables.inOrder],
]

test.each(told)('%s: %s', (code, message, ...given) => {
  expect(whyNot(...given)).toEqual([[code, message]])
})

test('each reason to pass over a deployment was met here', () => {
  expect(new Set(told.map(([code]) => code))).toEqual(new Set(passedOverCodes))
})

test('all that stops one is said, and where something does not that others go before', () => {
  const more = { unused: 'address', health: 'unhealthy', takes: 'grpc' } as const
  expect(whyNot(more, tables.inOrder).map(([code]) => code)).toEqual([
    'NO_ADDRESS',
    'DEPLOYMENT_DOWN',
    'KIND_NOT_TAKEN',
  ])
})

test('who gets the call has no reason, but that its platform knows no such name', () => {
  const edge = deployment('edge', { health: 'returning', pathTemplate: '/api/{name}{rest}' })
  const codes = (name: string) =>
    whyPassedOver(
      { table: tables.alike, deployments: [edge] },
      { kind: 'plain', path: `/function/${name}`, functionName: name },
      [edge],
    )(edge).map(({ code }) => code)
  expect(codes('resize')).toEqual([])
  expect(codes('a(b')).toEqual(['NAME_IMPOSSIBLE'])
})

test('the console has a rule at which a candidate falls for each of these reasons, and for those of copies', () => {
  const known = rules.flatMap(({ codes }) => codes)
  for (const code of [...passedOverCodes, ...copyRules.map((rule) => rule.code)]) expect(known).toContain(code)
  expect(known.length).toBe(new Set(known).size)
})
