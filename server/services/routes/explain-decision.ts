import { callersByIds } from '../../db/catalogue/callers.ts'
import { allClusters, type ClusterRecord } from '../../db/catalogue/clusters.ts'
import { functionHistories } from '../../db/catalogue/health-changes.ts'
import { type DecisionRecord, findDecision } from '../../db/catalogue/kept-decisions.ts'
import type { Sql } from '../../db/core/pool.ts'
import { type DecidedPolicy, decidedPolicies, type KeptDecision } from '../../domain/decide/kept-decision.ts'
import { FadoError } from '../../domain/errors.ts'
import { knownFrom, type Outage, outagesIn } from '../../domain/fleet/health-history.ts'
import type { Reason } from '../../domain/reason.ts'
import { decidedTable, type RouteTable } from '../../domain/route/routing-table.ts'
import { invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { clusterNamed } from './named-clusters.ts'

export type DeploymentThen = {
  readonly url: string
  /** Times in which it was not well, of those in which the decision held. */
  readonly outages: readonly Outage[]
  /** From when on that is kept; null: of all the time. */
  readonly knownFrom: Date | null
}

export type DecisionCandidateView = {
  readonly cluster: ClusterRecord
  readonly reasons: readonly Reason[]
  /** Those that it had then and has still; none are told where calls could not go there. */
  readonly deployments: readonly DeploymentThen[]
}

export type DecisionView = Omit<DecisionRecord, 'tableId' | 'table' | 'kept'> & {
  readonly tableId: string
  readonly table: RouteTable
  readonly policies: readonly DecidedPolicy[]
  /** Null: none did, or it named none. */
  readonly overrideClusters: readonly string[] | null
  /** Names of those who might call; null: anybody. */
  readonly callers: readonly string[] | null
  readonly candidates: readonly DecisionCandidateView[]
}

export type DecisionInput = {
  /** An `x-fado-decision`, or its first part: the name of a table. */
  readonly id: string
  /** Default: any. */
  readonly bucket?: string | null | undefined
  /** When the call was; default: now. */
  readonly at?: Date | null | undefined
}

/** Why calls went where they did. Throws NOT_FOUND where nothing of it is kept. */
export async function explainDecision(
  { pool }: Pick<ServiceDeps, 'pool'>,
  { id, bucket = null, at = null }: DecisionInput,
): Promise<DecisionView> {
  const tableId = decidedTable(id)
  if (tableId === undefined)
    throw invalid('That must be the x-fado-decision of an answer, such as Ab12cd34Ef56gh78;round_robin;try=1', ['id'])
  const [found, clusters] = await Promise.all([findDecision(pool, { tableId, bucket, at }), allClusters(pool)])
  const table = found?.table ?? null
  if (found === undefined || table === null) throw unknown(bucket, at)
  const { kept, ...decision } = found
  const deployments = await deploymentsThen(pool, found)
  return {
    ...decision,
    tableId,
    table,
    policies: decidedPolicies(kept),
    overrideClusters: kept.override?.clusters ?? null,
    callers: await callersThen(pool, kept, table),
    candidates: kept.clusters.map(({ cluster, reasons }) => ({
      cluster: clusterNamed(clusters, cluster),
      reasons,
      deployments: deployments.get(cluster) ?? [],
    })),
  }
}

/** By the names of the clusters that calls might go to. */
async function deploymentsThen(
  sql: Sql,
  span: Pick<DecisionRecord, 'kept' | 'from' | 'until'>,
): Promise<ReadonlyMap<string, readonly DeploymentThen[]>> {
  const routed = span.kept.clusters.filter(({ reasons }) => reasons.length === 0).map(({ cluster }) => cluster)
  const all = (await functionHistories(sql, routed, span.until)).map(({ cluster, url, history }) => ({
    cluster,
    url,
    outages: outagesIn(history, span),
    knownFrom: knownFrom(history, span),
  }))
  return Map.groupBy(all, ({ cluster }) => cluster)
}

/** Of a decision that an earlier version kept those are told that are there still. */
async function callersThen(sql: Sql, kept: KeptDecision, table: RouteTable): Promise<readonly string[] | null> {
  if (kept.callers !== undefined) return kept.callers
  if (table.callers === undefined) return null
  return (await callersByIds(sql, table.callers)).map(({ name }) => name).toSorted()
}

function unknown(bucket: string | null, at: Date | null): FadoError {
  const whose = bucket === null ? '' : ` about the bucket ${bucket.slice(0, 63)}`
  const when = at === null ? '' : `, made by ${at.toISOString()},`
  const message = `No such decision${whose}${when} is kept. Decisions are kept for 30 days after their end`
  return new FadoError('NOT_FOUND', message, { path: ['id'] })
}
