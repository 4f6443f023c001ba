import { allClusters, type ClusterRecord } from '../../db/catalogue/clusters.ts'
import { type DecisionRecord, findDecision } from '../../db/catalogue/kept-decisions.ts'
import { FadoError } from '../../domain/errors.ts'
import type { Reason } from '../../domain/reason.ts'
import type { RouteTable } from '../../domain/route/routing-table.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { clusterNamed } from './named-clusters.ts'

export type DecisionView = Omit<DecisionRecord, 'tableId' | 'table'> & {
  readonly tableId: string
  readonly table: RouteTable
  readonly candidates: readonly { readonly cluster: ClusterRecord; readonly reasons: readonly Reason[] }[]
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
  const tableId = id.trim().split(';', 1)[0] ?? ''
  const [found, clusters] = await Promise.all([findDecision(pool, { tableId, bucket, at }), allClusters(pool)])
  const table = found?.table ?? null
  if (found === undefined || table === null) throw unknown(bucket, at)
  const candidates = found.kept.clusters.map(({ cluster, reasons }) => ({
    cluster: clusterNamed(clusters, cluster),
    reasons,
  }))
  return { ...found, tableId, table, candidates }
}

function unknown(bucket: string | null, at: Date | null): FadoError {
  const whose = bucket === null ? '' : ` about the bucket ${bucket.slice(0, 63)}`
  const when = at === null ? '' : `, made by ${at.toISOString()},`
  return new FadoError(
    'NOT_FOUND',
    `No such decision${whose}${when} is kept. Its name begins the x-fado-decision of an answer; it is kept for 30 days after its end`,
    { path: ['id'] },
  )
}
