// How many calls FaDO's Envoy takes, and what each costs, beside an Envoy that routes nothing and beside Caddy as the original FaDO
// set it, by number of buckets; and what each thing costs that a fleet may ask for.
import { ownClaims, ownIssuer } from '../server/domain/callers/by-token.ts'
import { makeOwnKey } from '../server/services/callers/own-key.ts'
import { percentile, rounded } from './figures.ts'
import { type Fleet, type Ingress, startCaddyWith, startFado, startFunction, startStatic } from './ingresses.ts'
import type { Result } from './result.ts'
import { type Load, load } from './wrk.ts'

const base = 'static Envoy'
const plain = 'FaDO'
const peer = 'Caddy'

const url = (port: number) => `http://127.0.0.1:${port}`
const version = '1'

/** A caller known by a key of FaDO's. */
const callerId = 'caller'
const { secret, subject, jwks } = makeOwnKey()
const caller = { id: callerId, kind: 'token' as const, issuer: ownIssuer, audiences: [], claims: ownClaims(subject) }
const knowCaller = { kind: 'callers', callers: [caller], keys: { [ownIssuer]: jwks }, hidesBuckets: false } as const

/** Of FaDO's Envoy by what a fleet asks for beside being routed. `goal`: of the static Envoy's calls a second. */
const parts = {
  [plain]: { deployment: (port) => ({ url: url(port) }), goal: 0.86 },
  'FaDO, without statistics': { deployment: (port) => ({ url: url(port) }), telling: 'silent' },
  'FaDO, each call told': { deployment: (port) => ({ url: url(port) }), telling: 'all' },
  'FaDO, path and host rewritten': { deployment: (port) => ({ url: `http://localhost:${port}/base` }), goal: 0.72 },
  'FaDO, a key in a header': {
    deployment: (port) => ({
      url: url(port),
      auth: { kind: 'key', header: 'x-functions-key' },
      secrets: { version, header: 'key' },
    }),
  },
  'FaDO, SigV4': {
    deployment: (port) => ({
      url: url(port),
      auth: { kind: 'aws_sigv4', accessKey: 'key', region: 'eu-central-1', service: 'lambda' },
      secrets: { version, secretKey: 'secret' },
    }),
  },
  'FaDO, functions are known': { deployment: (port) => ({ url: url(port), functions: ['f'] }) },
  'FaDO, scripts of one origin': {
    deployment: (port) => ({ url: url(port) }),
    changes: [{ kind: 'cors-origins', origins: ['https://app.example'] }],
  },
  'FaDO, callers of other buckets': { deployment: (port) => ({ url: url(port) }), changes: [knowCaller] },
  'FaDO, callers by key': {
    deployment: (port) => ({ url: url(port) }),
    changes: [knowCaller],
    callers: [callerId],
    authorization: `Bearer ${secret}`,
  },
} as const satisfies Readonly<Record<string, Fleet & { readonly goal?: number }>>
const names = Object.keys(parts) as (keyof typeof parts)[]
const goals = names.flatMap((name) => ('goal' in parts[name] ? `${parts[name].goal} (${name})` : []))

const asPublished = {
  sizes: [10, 1_000, 10_000],
  /** All are measured in turn, so that a busy machine hits all alike. */
  rounds: 5,
  seconds: 3,
  connections: 32,
  besideCaddy: true,
}

type Measured = { readonly busy: Load; readonly alone: Load }
type Contender = { readonly name: string; readonly ingress: Ingress; readonly measured: Measured[] }

const figures = {
  perSecond: ({ busy }: Measured) => busy.perSecond,
  cpu: ({ busy }: Measured) => busy.cpu,
  p50: ({ alone }: Measured) => alone.p50,
}
type Figure = keyof typeof figures

const median = ({ measured }: Contender, figure: Figure) => percentile(measured.map(figures[figure]), 0.5)

/** The median of what each round says by itself: what else the machine did in a round hit both. */
function ratio(of: Contender, to: Contender, figure: Figure): number {
  const value = figures[figure]
  const each = of.measured.flatMap((one, round) => {
    const other = to.measured[round]
    return other === undefined ? [] : value(one) / value(other)
  })
  return rounded(percentile(each, 0.5), 2)
}

export async function proxy(options = asPublished): Promise<Result> {
  const { sizes, rounds, seconds, connections, besideCaddy } = options
  const contenders: Contender[] = []
  const enter = async (name: string, starting: Promise<Ingress>) => {
    const ingress = await starting
    contenders.push({ name, ingress, measured: [] })
    return ingress
  }
  try {
    const { port } = await enter('none', startFunction())
    await enter(base, startStatic([port]))
    for (const size of sizes) await enter(plain, startFado(port, size, parts[plain]))
    for (const name of names) if (name !== plain) await enter(name, startFado(port, sizes[0] ?? 1, parts[name]))
    for (const size of besideCaddy ? sizes : []) await enter(peer, startCaddyWith(port, size))
    for (const { ingress } of contenders) await load(ingress, connections, 1)
    for (let round = 0; round < rounds; round++)
      for (const { ingress, measured } of contenders)
        measured.push({
          busy: await load(ingress, connections, seconds),
          alone: await load(ingress, 1, Math.ceil(seconds / 3)),
        })
  } finally {
    for (const { ingress } of contenders) await ingress.stop()
  }
  return {
    rows: rowsOf(contenders),
    notes: [
      `${connections} connections, ${rounds} rounds in turn of ${seconds} s each, medians, of ratios those of each round's; all buckets called equally often; one worker for each Envoy, all cores for Caddy, and the function and wrk beside them`,
      'p50: of one connection alone; none: wrk calls the function itself',
      `goals: of the static Envoy's calls ${goals.join(', ')}; of Caddy's calls 1.2 at 10 buckets with at most 0.68 of its CPU a call, 6 at 1 000, 40 at 10 000; p50 at 10 000 at most 1.05 of that at 10`,
    ],
  }
}

function rowsOf(contenders: readonly Contender[]): Result['rows'] {
  const find = (wanted: string, buckets?: number) =>
    contenders.find(({ name, ingress }) => name === wanted && (buckets === undefined || ingress.buckets === buckets))
  const [least, few] = [find(base), find(plain)]
  return contenders.map((one) => {
    const { name, ingress } = one
    const cpu = median(one, 'cpu')
    const other = name === plain ? find(peer, ingress.buckets) : undefined
    return {
      ingress: name,
      buckets: ingress.buckets,
      'calls a s': rounded(median(one, 'perSecond'), 0),
      'CPU us a call': rounded(cpu),
      'p50 ms': rounded(median(one, 'p50'), 3),
      ...(least && { 'calls of static': ratio(one, least, 'perSecond'), 'CPU of static': ratio(one, least, 'cpu') }),
      ...(few && name !== plain && name in parts && { 'us more than plain': rounded(cpu - median(few, 'cpu')) }),
      ...(few && name === plain && { 'p50 of few buckets': ratio(one, few, 'p50') }),
      ...(other && { 'calls of Caddy': ratio(one, other, 'perSecond'), 'CPU of Caddy': ratio(one, other, 'cpu') }),
    }
  })
}
