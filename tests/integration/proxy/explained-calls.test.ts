// What is said of a call is what Envoy does with it: random fleets and calls on a real Envoy.
import { expect, test } from 'vitest'
import { whyUnused } from '../../../proxy/resources/endpoint.ts'
import { ownIssuer, ownKeyPrefix } from '../../../server/domain/callers/by-token.ts'
import type { Call } from '../../../server/domain/explain/call.ts'
import { type CallExplanation, explainCall, namedBucket } from '../../../server/domain/explain/explain-call.ts'
import type { LbPolicy } from '../../../server/domain/policy/lb-policy.ts'
import { startBothProtocols } from '../../support/both-protocols.ts'
import {
  allowedOrigin,
  chance,
  oddCall,
  type RandomFleet,
  randomCallers,
  randomFleet,
  randomNumbers,
  soundCall,
} from '../../support/random-calls.ts'
import { rawCall } from '../../support/raw-call.ts'
import { startRouting, tableOf } from '../../support/routing.ts'
import { inSeconds, keySet, signingKey, token } from '../../support/tokens.ts'

const seed = Number(process.env['FADO_TEST_SEED'] ?? 20_261_130)
const fleets = 50
const soundPerFleet = 18
const oddPerFleet = 10

/** Each call is made so often: more often than a bucket has deployments where they are asked in turn. */
const timesOf = (lbPolicy: LbPolicy | null) => (lbPolicy === 'round_robin' || lbPolicy === 'first' ? 10 : 2)

type Seen = {
  readonly status: number
  readonly grpcStatus: number | null
  readonly decision: string | null
  readonly by: string | null
}

function seenOf(head: string, status: number): Seen {
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'mi').exec(head)?.[1]?.trim() ?? null
  const isFunctions = head.includes('urn:fado:problem:no-websocket')
  return {
    status,
    // What a function answers to the offer of a WebSocket is in Envoy's words, and the function's all the same.
    grpcStatus: header('grpc-status') === null || isFunctions ? null : Number(header('grpc-status')),
    decision: header('x-fado-decision')?.replace(/;try=.*$/, '') ?? null,
    by: header('x-fado-served-by'),
  }
}

const matchHeader = 'X-FaDO-Bucket'

type RandomCaller = (typeof randomCallers)[number]

const signer = signingKey('key')
const keys = Object.fromEntries(randomCallers.map(({ issuer }) => [issuer, keySet(signer)]))

/** What proves that it is this caller, and no other who is not always the same. */
function proofOf({ issuer, audiences, claims }: RandomCaller): string {
  const said = Object.fromEntries(claims.map(({ name, values }) => [name, values[0]]))
  const text = token(signer, { iss: issuer, aud: audiences[0], exp: inSeconds(600), ...said })
  return `Authorization: Bearer ${issuer === ownIssuer ? ownKeyPrefix : ''}${text}`
}

const lastOf = (fleet: string) => `${fleet}-last`

async function start() {
  const servers = await Promise.all(Array.from({ length: 10 }, (_, i) => startBothProtocols(`s${i}`)))
  // It stands still, so that a slow start of no time lasts until it is set on.
  let clock = 0
  const routing = await startRouting({ now: () => clock })
  routing.proxy.apply({ kind: 'upstreams', settings: { slowStartMs: 1, callsAtOnce: null } })
  const random = chance(randomNumbers(seed))
  let number = 0
  let corsOrigins: readonly string[] = []
  let hidesBuckets = false

  async function become(name: string, known: boolean): Promise<RandomFleet> {
    const fleet = randomFleet(random, { name, servers, known })
    routing.proxy.apply({ kind: 'endpoints', endpoints: fleet.endpoints })
    const before = fleet.buckets.flatMap(({ name: bucket, route, starting }) =>
      route && starting ? { bucket, number: ++number, table: { ...route.table, clusters: starting.others } } : [],
    )
    routing.proxy.apply({ kind: 'routes', routes: before })
    clock += 1000
    const routes = fleet.buckets.map(({ name: bucket, route }) => ({
      bucket,
      number: ++number,
      table: route?.table ?? null,
    }))
    const table = tableOf(fleet.clusters.toSorted())
    routing.proxy.apply({ kind: 'routes', routes: [...routes, { bucket: lastOf(name), number: ++number, table }] })
    return fleet
  }

  function explain(
    call: Call,
    caller: RandomCaller | null,
    { clusters, endpoints, buckets }: RandomFleet,
  ): CallExplanation {
    const named = namedBucket(call, { matchHeader })
    const deployments = endpoints.map((endpoint) => ({ ...endpoint, unused: whyUnused(endpoint) }))
    const bucket = buckets.find(({ name }) => name === named) ?? null
    const who = { caller, callers: randomCallers, hidesBuckets, speaksTls: true }
    return explainCall(call, { matchHeader, corsOrigins, who, clusters, deployments, bucket })
  }

  async function make({ method, path, headers }: Call, caller: RandomCaller | null): Promise<Seen> {
    const own = headers.some(({ name }) => name === 'connection') ? [] : ['connection: close']
    const lines = [
      `${method} ${path} HTTP/1.1`,
      'Host: x',
      ...headers.map(({ name, value }) => `${name}: ${value}`),
      ...(caller ? [proofOf(caller)] : []),
      ...own,
    ]
    const { status, head } = await rawCall(routing.ingressPort, [...lines, '', ''])
    return seenOf(head, status)
  }

  return {
    ...routing,
    random,
    become,
    explain,
    make,
    /** Envoy acknowledges what its thread that takes the calls may have a moment later. */
    async has(name: string) {
      await routing.acked(number)
      const answer = () => routing.call('/', { bucket: lastOf(name) })
      await expect.poll(async () => (await answer()).headers).toHaveProperty('x-fado-decision')
    },
    guard(anywhere: boolean) {
      hidesBuckets = anywhere
      routing.proxy.apply({ kind: 'callers', callers: randomCallers, keys, hidesBuckets })
    },
    allow(...origins: string[]) {
      corsOrigins = origins
      routing.proxy.apply({ kind: 'cors-origins', origins })
    },
  }
}
type Started = Awaited<ReturnType<typeof start>>

/** Calls that a deployment got for whose platform the name is none: it answers 404 itself. */
const inVain = ({ candidates }: CallExplanation) =>
  candidates.flatMap(({ cluster, reasons }) =>
    reasons.some(({ code }) => code === 'NAME_IMPOSSIBLE') ? [cluster] : [],
  )

async function compare({ make, explain }: Started, call: Call, caller: RandomCaller | null, fleet: RandomFleet) {
  const said = explain(call, caller, fleet)
  const eligible = [...new Set(said.candidates.flatMap((one) => (one.eligible ? [one.cluster] : [])))].sort()
  const told = { seed, call, caller, said, endpoints: fleet.endpoints, buckets: fleet.buckets }
  const served = new Set<string | null>()
  const times = said.outcome === 'ROUTED' ? timesOf(said.lbPolicy) : 1
  for (let n = 0; n < times; n++) {
    const seen = await make(call, caller)
    expect(seen.decision, JSON.stringify({ seen, ...told })).toBe(said.decision)
    if (said.outcome === 'REJECTED') {
      const { status, grpcStatus } = seen
      const wanted = said.grpcStatus === null ? said.status : 200
      expect({ status, grpcStatus }, JSON.stringify(told)).toEqual({ status: wanted, grpcStatus: said.grpcStatus })
      continue
    }
    expect([200, 404], JSON.stringify({ ...told, seen })).toContain(seen.status)
    // To a call of gRPC a refusal is a status of gRPC.
    if (seen.status === 200 && seen.grpcStatus === null) served.add(seen.by)
    else expect(inVain(said), JSON.stringify({ ...told, seen })).toContain(seen.by)
  }
  if (said.outcome === 'REJECTED') return { times, outcome: `${said.status} ${said.reasons[0]?.code}` }
  const starts = fleet.buckets.some(({ name, starting }) => name === said.bucket && starting !== null)
  if (times > 2 && !starts) expect([...served].sort(), JSON.stringify(told)).toEqual(eligible)
  else for (const by of served) expect(eligible, JSON.stringify(told)).toContain(by)
  return { times, outcome: 'ROUTED' }
}

test('of random calls in random fleets status, decision and the clusters that served are as explained', async () => {
  const started = await start()
  const { random, become, has, allow, guard, proxy, startEnvoy, firstAnswer } = started
  const tally = new Map<string, number>()
  let calls = 0
  async function play(fleet: RandomFleet) {
    const names = Array.from({ length: soundPerFleet }, (_, i) => fleet.buckets[i % fleet.buckets.length]?.name ?? '')
    const all = [
      ...names.map((bucket) => soundCall(random, bucket)),
      ...Array.from({ length: oddPerFleet }, () => oddCall(random, random.one(fleet.buckets).name)),
    ]
    for (const call of all) {
      const caller = random.one([null, ...randomCallers])
      const { times, outcome } = await compare(started, call, caller, fleet)
      calls += times
      tally.set(outcome, (tally.get(outcome) ?? 0) + times)
    }
  }
  const first = await become('f0', false)
  guard(false)
  proxy.ready()
  await startEnvoy()
  await firstAnswer('/function/f', { bucket: 'nowhere' })
  await has('f0')
  await play(first)
  for (let n = 1; n < fleets; n++) {
    const known = n >= fleets / 3
    if (n === 10) allow(allowedOrigin)
    if (n === 30) guard(true)
    const fleet = await become(`f${n}`, known)
    await has(`f${n}`)
    await play(fleet)
  }
  expect([...tally.keys()].sort()).toEqual([
    '200 ORIGIN_ALLOWED',
    '400 BUCKET_AMBIGUOUS',
    '400 BUCKET_NOT_NAMED',
    '400 PATH_REFUSED',
    '401 CALLER_UNPROVEN',
    '401 UNKNOWN_BUCKET',
    '403 CALLER_REFUSED',
    '403 ORIGIN_REFUSED',
    '403 UNKNOWN_BUCKET',
    '403 UPGRADE_REFUSED',
    '404 NAME_IMPOSSIBLE',
    '404 NOT_A_FUNCTION',
    '404 UNKNOWN_BUCKET',
    '405 CONNECT_REFUSED',
    '503 NOBODY_SERVES',
    '503 NOBODY_TAKES_GRPC',
    'ROUTED',
  ])
  expect(calls).toBeGreaterThanOrEqual(2_000)
}, 300_000)
