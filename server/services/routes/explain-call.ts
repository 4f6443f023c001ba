// What Envoy would do with a call: the facts are those that Envoys are told, and what was decided when they were.
import { whyUnused } from '../../../proxy/resources/endpoint.ts'
import { type BucketRecord, bucketByName } from '../../db/catalogue/buckets.ts'
import { allClusters, type ClusterRecord } from '../../db/catalogue/clusters.ts'
import { presentDecision, tablesOfLast } from '../../db/catalogue/kept-decisions.ts'
import { isUndecided } from '../../db/catalogue/route-states.ts'
import type { Sql } from '../../db/core/pool.ts'
import { fleetHidesBuckets, namedCallers } from '../../db/proxies/callers.ts'
import { loadEndpoints } from '../../db/proxies/endpoints.ts'
import { refusingKeys } from '../../db/proxies/key-refusals.ts'
import { loadProxyPolicies } from '../../db/proxies/policies.ts'
import type { Call } from '../../domain/explain/call.ts'
import type { Candidate } from '../../domain/explain/candidates.ts'
import { callFault } from '../../domain/explain/check-call.ts'
import { type CallExplanation, type CalledBucket, explainCall, namedBucket } from '../../domain/explain/explain-call.ts'
import type { WhoCalls } from '../../domain/explain/who-calls.ts'
import type { Reason } from '../../domain/reason.ts'
import { presentStart } from '../../domain/route/starts.ts'
import { invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { clusterNamed } from './named-clusters.ts'
import { readRoutes } from './read-routes.ts'

export type CandidateView = Omit<Candidate, 'cluster'> & { readonly cluster: ClusterRecord }
export type RequestExplanation = Omit<CallExplanation, 'candidates'> & { readonly candidates: readonly CandidateView[] }

/** `caller`: the name of who makes it; default: nobody that is proven. */
export type ExplainedCall = Call & { readonly caller?: string | null | undefined }

export async function explainRequest(
  { pool, withSecrets, ingressTls }: Pick<ServiceDeps, 'pool' | 'withSecrets' | 'ingressTls'>,
  { caller = null, ...call }: ExplainedCall,
): Promise<RequestExplanation> {
  const fault = callFault(call)
  if (fault !== undefined) throw invalid(fault.message, ['input', ...fault.path])
  const ingress = await loadProxyPolicies(pool)
  const name = namedBucket(call, ingress)
  const [endpoints, refusing, clusters, who, bucket] = await Promise.all([
    loadEndpoints(pool),
    refusingKeys(pool),
    allClusters(pool),
    whoCalls(pool, caller),
    name === undefined ? undefined : bucketByName(pool, name),
  ])
  const explained = explainCall(call, {
    ...ingress,
    who: { ...who, speaksTls: ingressTls },
    clusters: clusters.map((cluster) => cluster.name),
    deployments: withSecrets(endpoints).map((endpoint) => {
      const { secrets: _, ...deployment } = endpoint
      return { ...deployment, unused: whyUnused(endpoint), refusesKey: refusing.has(endpoint.id) }
    }),
    bucket: bucket === undefined ? null : await calledBucket(pool, bucket, ingress.slowStartMs),
  })
  const candidates = explained.candidates.map((one) => ({ ...one, cluster: clusterNamed(clusters, one.cluster) }))
  return { ...explained, candidates }
}

async function whoCalls(sql: Sql, name: string | null): Promise<Omit<WhoCalls, 'speaksTls'>> {
  const [callers, hidesBuckets] = await Promise.all([namedCallers(sql), fleetHidesBuckets(sql)])
  const caller = callers.find((one) => one.name === name)
  if (name !== null && caller === undefined) throw invalid(`There is no caller ${name}`, ['input', 'caller'])
  return { caller: caller ?? null, callers, hidesBuckets }
}

async function calledBucket(sql: Sql, { id, name }: BucketRecord, slowStartMs: number): Promise<CalledBucket> {
  const [decision, starting] = await Promise.all([presentDecision(sql, name), newInRoute(sql, name, slowStartMs)])
  const { tableId = null, table = null, kept } = decision ?? {}
  return {
    name,
    route: tableId === null || table === null ? null : { tableId, table },
    verdicts: kept?.clusters ?? [],
    pending: await pendingReasons(sql, id, decision !== undefined),
    starting,
  }
}

/** The clusters of its route that start slowly, as a control plane does that has seen all these changes. */
async function newInRoute(sql: Sql, bucket: string, slowStartMs: number): Promise<CalledBucket['starting']> {
  if (slowStartMs === 0) return null
  // Whatever was new before that has its whole share by now.
  const { tables, now } = await tablesOfLast(sql, 2 * slowStartMs, bucket)
  const start = presentStart(tables, now, slowStartMs)
  return start === undefined ? null : { others: start.others, until: new Date(start.begunAt + slowStartMs) }
}

/** Why some Envoy may have another route than the one that was decided last, or none. */
async function pendingReasons(sql: Sql, bucketId: string, isDecided: boolean): Promise<Reason[]> {
  const [route] = await readRoutes(sql, [bucketId])
  const waits = (route?.waitsFor ?? []).map(({ reason }) => reason)
  if (!isDecided || (await isUndecided(sql, bucketId)))
    return [{ code: 'UNDECIDED', message: 'A change of this bucket is not decided yet' }, ...waits]
  if (waits.length > 0 || route?.state !== 'PENDING') return waits
  return [{ code: 'NO_PROXY', message: 'No Envoy is connected' }]
}
