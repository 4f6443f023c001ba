// What is said of the function deployments to whose clusters calls of the past went. Their health is not decided: Envoy goes by it
// from call to call.
import { listOf, type Reason } from '../reason.ts'

/** Times are texts of ISO 8601. */
export type OutageThen = { readonly status: string; readonly from: string; readonly until: string | null }

type DeploymentThen<T extends OutageThen> = {
  readonly url: string
  readonly outages: readonly T[]
  /** Null: in the whole time. */
  readonly knownFrom: string | null
}

/** Of a cluster that calls might go to the deployments that it had then and has still. */
export type ClusterThen<T extends OutageThen = OutageThen> = {
  readonly cluster: { readonly name: string }
  readonly verdict: string
  readonly deployments: readonly DeploymentThen<T>[]
}

export type OutageLine<T extends OutageThen> = { readonly cluster: string; readonly url: string; readonly outage: T }

/** Of more the last ones are told. */
const most = 10

/** Those that were out when the call was, or at any time while the decision held (`at` null); the last ones first. */
export function outageLines<T extends OutageThen>(
  candidates: readonly ClusterThen<T>[],
  at: string | null,
): readonly OutageLine<T>[] {
  const lines = candidates.flatMap(({ cluster, deployments }) =>
    deployments.flatMap(({ url, outages }) => outages.map((outage) => ({ cluster: cluster.name, url, outage }))),
  )
  const then = at === null ? lines : lines.filter(({ outage }) => holdsAt(outage, Date.parse(at)))
  return then.sort((a, b) => Date.parse(b.outage.from) - Date.parse(a.outage.from)).slice(0, most)
}

const holdsAt = ({ from, until }: OutageThen, at: number): boolean =>
  Date.parse(from) <= at && (until === null || at < Date.parse(until))

/** Whether none of its functions could get the call that was made `at`. Null: that is not asked. */
const wereDown = ({ deployments }: ClusterThen, at: string | null): boolean =>
  at !== null &&
  deployments.length > 0 &&
  deployments.every(({ outages }) =>
    outages.some((outage) => outage.status === 'UNHEALTHY' && holdsAt(outage, Date.parse(at))),
  )

/** With those excluded whose functions were down then. */
export const candidatesThen = <T extends ClusterThen & WithReasons>(candidates: readonly T[], at: string | null): T[] =>
  candidates.map((candidate) =>
    wereDown(candidate, at) ? { ...candidate, verdict: 'EXCLUDED', reasons: [downThen] } : candidate,
  )

type WithReasons = { readonly reasons: readonly { readonly code: string; readonly message: string }[] }
const downThen = { code: 'DEPLOYMENT_DOWN', message: 'Its functions were down at that time' } satisfies Reason

/** Stands before those lines. `moment`: a time in the reader's way. */
export function sayHealthThen(
  candidates: readonly ClusterThen[],
  at: string | null,
  moment: (iso: string) => string,
): readonly string[] {
  const routed = candidates.filter(({ verdict }) => verdict === 'ELIGIBLE')
  const known = routed.filter(({ deployments }) => deployments.length > 0)
  const late = known
    .flatMap(({ deployments }) => deployments)
    .filter(({ knownFrom }) => knownFrom !== null && (at === null || Date.parse(at) < Date.parse(knownFrom)))
  const gaps = [
    ...routed.filter((one) => !known.includes(one)).map(goneWords),
    ...late.map(({ url, knownFrom }) => `How ${url} was before ${moment(knownFrom ?? '')} is not kept any more.`),
  ]
  if (known.length === 0) return gaps
  const of = `functions of ${listOf(known.map(({ cluster }) => cluster.name))} were well`
  const when = at === null ? 'all the time' : `at ${moment(at)}`
  if (outageLines(known, at).length > 0) return [...gaps, `Not all ${of} ${when}, by their probes:`]
  return [...gaps, `${late.length > 0 ? 'As far as is kept all' : 'All'} ${of} ${when}, by their probes.`]
}

const goneWords = ({ cluster }: ClusterThen): string =>
  `How the functions of ${cluster.name} were is not kept: those that it had then were removed.`
