// Random fleets as Envoys know them, and calls: most of them sound, some of each kind that Envoy answers itself.
import { contentId } from '../../server/content-id.ts'
import { ownClaims, ownIssuer } from '../../server/domain/callers/by-token.ts'
import type { Caller } from '../../server/domain/callers/caller.ts'
import type { Call } from '../../server/domain/explain/call.ts'
import type { CalledBucket } from '../../server/domain/explain/explain-call.ts'
import type { NamedCaller } from '../../server/domain/explain/who-calls.ts'
import { type LbPolicy, lbPolicies, lbPoliciesThatStartSlowly } from '../../server/domain/policy/lb-policy.ts'
import type { FaasEndpoint, RouteTable } from '../../server/domain/route/routing-table.ts'
import { bucketHeader, tableOf } from './routing.ts'

/** The same numbers for the same seed: 0 <= n < 1. */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export type Chance = ReturnType<typeof chance>
export function chance(random: () => number) {
  const below = (count: number) => Math.floor(random() * count)
  const one = <T>(items: readonly T[]): T => items[below(items.length)] as T
  const some = <T>(items: readonly T[], share: number) => items.filter(() => random() < share)
  return { below, one, some, is: (share: number) => random() < share }
}

const issuer = 'https://login.example'
/** All of them are let in where the last is named, but those of FaDO's keys. */
export const randomCallers: readonly (NamedCaller & Caller<'token'>)[] = [
  { id: 'key', name: 'key', kind: 'token', issuer: ownIssuer, audiences: [], claims: ownClaims('key') },
  {
    id: 'nurse',
    name: 'nurse',
    kind: 'token',
    issuer,
    audiences: ['fado'],
    claims: [{ name: 'role', values: ['nurse'] }],
  },
  {
    id: 'porter',
    name: 'porter',
    kind: 'token',
    issuer,
    audiences: [],
    claims: [{ name: 'role', values: ['porter'] }],
  },
  { id: 'staff', name: 'staff', kind: 'token', issuer, audiences: [], claims: [] },
]

const functionNames = ['resize', 'blur', 'sharpen']

/** Forms in which platforms are called, each by a server that answers 200. */
const forms: readonly Partial<FaasEndpoint>[] = [
  { kind: 'HTTP' },
  { kind: 'HTTP' },
  { kind: 'OPENFAAS' },
  { kind: 'HTTP', pathTemplate: '/api/{name}{rest}' },
  { kind: 'KNATIVE', pathTemplate: '//{name}.functions.example{rest}' },
  { kind: 'HTTP', takes: 'grpc' },
  { kind: 'HTTP', takes: 'both' },
  { kind: 'HTTP', auth: { kind: 'key', header: 'x-functions-key' } },
  { kind: 'HTTP', auth: { kind: 'key', header: 'x-functions-key' }, secrets: { version: '1', header: 'k' } },
]

/** Up to five clusters, some without deployments. `known`: some deployment says which functions it has. */
export function randomFleet(
  { below, one, some, is }: Chance,
  { name, servers, known }: { name: string; servers: readonly { readonly port: number }[]; known: boolean },
) {
  const clusters = Array.from({ length: 2 + below(4) }, (_, i) => `${name}-c${i}`)
  const endpoints = clusters.flatMap((cluster) =>
    Array.from({ length: below(3) }, (_, n): FaasEndpoint => {
      const functions = known && is(0.4) ? some(functionNames, 0.5) : []
      const listed = known && is(0.3) ? some(functionNames, 0.5) : null
      return {
        id: `${cluster}-${n}`,
        cluster,
        kind: 'HTTP',
        url: `http://127.0.0.1:${one(servers).port}`,
        addresses: is(0.05) ? [] : ['127.0.0.1'],
        weight: 1,
        health: one(['healthy', 'healthy', 'healthy', 'healthy', 'unhealthy', 'returning']),
        functions,
        listed,
        ...one(forms),
      }
    }),
  )
  const buckets = lbPolicies.map((lbPolicy, n) =>
    randomBucket({ below, one, some, is }, `${name}-b${n}`, lbPolicy, clusters),
  )
  return { clusters, endpoints, buckets }
}
export type RandomFleet = ReturnType<typeof randomFleet>

function randomBucket({ some, is }: Chance, name: string, lbPolicy: LbPolicy, clusters: string[]): CalledBucket {
  const allowed = some(clusters, 0.6)
  const named = is(0.4) ? { callers: some(randomCallers, 0.4).map(({ id }) => id) } : {}
  const order = is(0.5) ? allowed : allowed.toReversed()
  const others = some(allowed, 0.5).toSorted()
  const starts = others.length > 0 && others.length < allowed.length && lbPoliciesThatStartSlowly.includes(lbPolicy)
  const table: RouteTable = {
    ...tableOf(allowed.toSorted(), { lbPolicy }),
    ...(lbPolicy === 'first' ? { order } : {}),
    ...named,
  }
  return {
    name,
    route: is(0.08) ? null : { tableId: contentId(table), table },
    verdicts: clusters.map((cluster) => ({
      cluster,
      reasons: allowed.includes(cluster) ? [] : [{ code: 'NO_COPY', message: `${cluster} has no copy` }],
    })),
    pending: [],
    starting: starts ? { others, until: new Date() } : null,
  }
}

const get = (path: string, ...headers: (readonly [string, string])[]): Call => ({
  method: 'GET',
  path,
  headers: headers.map(([name, value]) => ({ name, value })),
})

export const allowedOrigin = 'https://app.example'
const ask = ['access-control-request-method', 'PUT'] as const

const calledNames = [...functionNames, ...functionNames, 'a.b', 'x_y', 'other', '%72esize', '*']

const grpcType = 'application/grpc'
const contentTypes = [grpcType, grpcType, `${grpcType}+proto`, `${grpcType}-web`, `${grpcType};x`, 'text/plain']

/** One that Envoy hands to a function, if it can. */
export const soundCall = ({ one, is }: Chance, bucket: string): Call =>
  get(
    `/function/${one(calledNames)}${one(['', '/', '/a', '/a//b', '?q=/../x', '/a?b', ';v=1'])}`,
    [is(0.3) ? 'X-FADO-BUCKET' : bucketHeader, is(0.2) ? ` ${bucket}\t` : bucket],
    ...(is(0.1) ? [['x-fado-served-by', 'forged'] as const, ['x_fado_bucket', 'other'] as const] : []),
    ...(is(0.15)
      ? [['connection', 'upgrade'] as const, ['upgrade', one(['websocket', 'h2c', 'WebSocket'])] as const]
      : []),
    ...(is(0.2) ? [['content-type', one(contentTypes)] as const] : []),
  )

/** One that Envoy answers itself, or that looks so. */
export function oddCall({ one, is }: Chance, bucket: string): Call {
  const named = [bucketHeader, bucket] as const
  const path = '/function/resize'
  const options = (...headers: (readonly [string, string])[]): Call => ({ ...get(path, ...headers), method: 'OPTIONS' })
  return one<() => Call>([
    () => get(path),
    () => get(path, [bucketHeader, '']),
    () => get(path, [bucketHeader, ' ']),
    () => get(path, named, named),
    () => get(path, named, [bucketHeader, '']),
    () => get(path, [bucketHeader, `${bucket},${bucket}`]),
    () => get(path, [bucketHeader, bucket.toUpperCase()]),
    () => get(path, [bucketHeader, 'nowhere']),
    () =>
      get(one(['/', '/function', '/function/', '/function//x', '/functions/f', '/x/function/f', '/FUNCTION/f']), named),
    () =>
      get(
        one([
          '/function/../x',
          '/function/f/..',
          '/function/f/%2e%2E/x',
          '/function/f%2f..',
          '/function/f/.;v',
          '/function/f\\..\\x',
        ]),
        named,
      ),
    () => get(one(['/function/f/...', '/function/.f', '/function/f..', '/function/f/.x', '/function/f?../..']), named),
    () => get('/function/f#part', ...(is(0.5) ? [named] : [])),
    () => get(path, named, ['connection', 'keep-alive, Upgrade'], ['upgrade', 'TLS/1.2']),
    () => get(path, ['connection', 'upgrade'], ['upgrade', one(['websocket', 'foo'])]),
    () =>
      get(path, [bucketHeader, 'nowhere'], ['connection', 'upgrade'], ['upgrade', one(['websocket', 'foo', 'h2c'])]),
    () => options(['origin', one([allowedOrigin, 'https://other.example'])], ask),
    () => options(['origin', allowedOrigin], ask, named),
    () => options(['origin', allowedOrigin]),
    () => options(ask),
    () => ({ ...get('elsewhere:443', ...one([[named], [], [[bucketHeader, ''] as const]])), method: 'CONNECT' }),
  ])()
}
