// The whole state of buckets, for their decision: a few statements for a whole batch.
import type { BucketState, ReplicaRow, StoredDecision } from '../../domain/decide/bucket-state.ts'
import { type BucketPolicySources, bucketPolicies, bucketPolicySources } from '../../domain/policy/effective.ts'
import { type LbPolicy, parseLbPolicy } from '../../domain/policy/lb-policy.ts'
import type { RouteOverride } from '../../domain/route/route-decision.ts'
import { parseTable, type RouteTableContent } from '../../domain/route/routing-table.ts'
import type { Sql } from '../core/pool.ts'
import { ackedThrough } from '../proxies/proxy-acks.ts'
import { tableContent } from '../proxies/table-content.ts'
import { oldestSeconds } from './freshness.ts'
import { lastDecision } from './kept-decisions.ts'

type BucketRow = Pick<
  BucketState,
  | 'id'
  | 'name'
  | 'state'
  | 'masterStorageId'
  | 'masterBucketName'
  | 'masterStop'
  | 'masterChoice'
  | 'masterTask'
  | 'masterTrouble'
  | 'masterDone'
> & {
  hasOverride: boolean
  overridePolicy: string | null
  overrideClusters: string[] | null
  policies: Record<string, unknown> | null
  routeNumber: number | null
  routeContent: RouteTableContent | null
  foreignStores: string[] | null
  takeovers: BucketState['takeovers'] | null
  condition: string
  reasons: StoredDecision['reasons']
  overridden: boolean | null
  tasks: Record<string, string> | null
  version: number
  keptId: string | null
}
export type LoadedBucket = {
  readonly state: BucketState
  readonly stored: StoredDecision
  /** Whose its policies are. */
  readonly sources: BucketPolicySources
  /** Of users' edits. */
  readonly version: number
  /** Names what is kept of the decision that holds; null: nothing is. */
  readonly keptId: string | null
}
type ReplicaResult = ReplicaRow & { bucketId: string }

const bucketQuery = `
  SELECT b.id, b.name, b.state, b.master_storage_id AS "masterStorageId", b.master_bucket_name AS "masterBucketName",
    b.master_stopped AS "masterStop", b.master_choice AS "masterChoice", m.kind AS "masterTask", m.trouble AS "masterTrouble",
    b.master_done AS "masterDone", o.bucket_id IS NOT NULL AS "hasOverride", o.lb_policy AS "overridePolicy",
    o.clusters AS "overrideClusters",
    (SELECT json_object_agg(p.name, p.value) FROM policy_value p WHERE p.scope = 'bucket' AND p.scope_id = b.id) AS policies,
    r.number AS "routeNumber", ${tableContent('t')} AS "routeContent",
    (SELECT array_agg(f.storage_id::text) FROM foreign_bucket f JOIN storage_deployment s ON s.id = f.storage_id
     WHERE f.bucket_name = replace(s.bucket_name_template, '{bucket}', b.name)) AS "foreignStores",
    (SELECT json_agg(json_build_object('storageId', t.storage_id, 'bucketName', t.bucket_name) ORDER BY t.storage_id)
     FROM takeover t WHERE t.bucket_id = b.id) AS takeovers,
    b.placement_condition AS condition, b.placement_reasons AS reasons, r.overridden,
    (SELECT json_object_agg(k.storage_id, k.kind) FROM replica_task k WHERE k.bucket_id = b.id) AS tasks,
    b.version, (${lastDecision('CASE WHEN until_at IS NULL THEN reasons_id END', 'b.name')}) AS "keptId"
  FROM bucket b LEFT JOIN route_override o ON o.bucket_id = b.id LEFT JOIN route r ON r.bucket_id = b.id
  LEFT JOIN route_table t ON t.id = r.table_id
  LEFT JOIN replica_task m ON m.bucket_id = b.id AND m.storage_id = b.master_storage_id
  WHERE b.id = ANY($1::uuid[])`

// Each LIMIT has the rows looked up one by one: joined, PostgreSQL may read all tasks and buckets of the fleet.
const replicaQuery = `
  SELECT r.bucket_id AS "bucketId", r.id, r.storage_id AS "storageId", r.wanted, r.serving, r.stale, r.observed, r.released_at IS NOT NULL AS released, r.conflicts,
    k.kind AS task, k.trouble, r.withdrawn_number AS "withdrawnNumber", extract(epoch FROM now() - r.withdrawn_at)::float8 AS "withdrawnSeconds",
    ${oldestSeconds} AS "oldestSeconds"
  FROM replica r CROSS JOIN LATERAL (SELECT * FROM bucket o WHERE o.id = r.bucket_id LIMIT 1) b
  LEFT JOIN LATERAL (
    SELECT * FROM replica_task o WHERE o.bucket_id = r.bucket_id AND o.storage_id = r.storage_id LIMIT 1) k ON true
  WHERE r.bucket_id = ANY($1::uuid[]) ORDER BY r.bucket_id, r.storage_id`

const lbPolicyOf = (text: string | null): LbPolicy | null => (text === null ? null : (parseLbPolicy(text) ?? null))

function overrideOf(row: BucketRow): RouteOverride | null {
  return row.hasOverride ? { lbPolicy: lbPolicyOf(row.overridePolicy), clusters: row.overrideClusters } : null
}

function routeOf(row: BucketRow): BucketState['route'] {
  if (row.routeNumber === null) return null
  return { number: row.routeNumber, table: row.routeContent === null ? null : parseTable(row.routeContent) }
}

export async function loadBuckets(
  sql: Sql,
  ids: readonly string[],
  globalPolicies: Readonly<Record<string, unknown>>,
): Promise<LoadedBucket[]> {
  const buckets = await sql.query<BucketRow>(bucketQuery, [ids])
  const replicas = await sql.query<ReplicaResult>(replicaQuery, [ids])
  const byBucket = Map.groupBy(replicas.rows, (row) => row.bucketId)
  const names = buckets.rows.map((row) => row.name)
  const acked = await ackedThrough(sql, names)
  return buckets.rows.map((row) => {
    const set = { global: globalPolicies, bucket: row.policies ?? {} }
    return {
      state: {
        id: row.id,
        name: row.name,
        state: row.state,
        masterStorageId: row.masterStorageId,
        masterBucketName: row.masterBucketName,
        masterStop: row.masterStop,
        masterChoice: row.masterChoice,
        masterTask: row.masterTask,
        masterTrouble: row.masterTrouble,
        masterDone: row.masterDone,
        policies: bucketPolicies(set),
        override: overrideOf(row),
        replicas: (byBucket.get(row.id) ?? []).map(({ bucketId: _, ...replica }) => replica),
        takeovers: row.takeovers ?? [],
        route: routeOf(row),
        foreignStores: new Set(row.foreignStores ?? []),
        ackedThrough: acked(row.name),
      },
      stored: {
        condition: row.condition,
        reasons: row.reasons,
        overridden: row.overridden ?? false,
        tasks: new Map(Object.entries(row.tasks ?? {})),
      },
      sources: bucketPolicySources(set),
      version: row.version,
      keptId: row.keptId,
    }
  })
}
