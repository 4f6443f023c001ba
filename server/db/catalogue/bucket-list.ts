// Pages of buckets by name, and how many there are.
import type { PlacementCondition } from '../../domain/placement/placement.ts'
import type { Sql } from '../core/pool.ts'
import { silentClusters } from '../terms/faas.ts'
import { nobodyMayCall } from '../terms/who-may-call.ts'
import { type BucketRecord, bucketColumns } from './buckets.ts'
import { type RouteState, routeStateExpression, routeStateFacts } from './route-states.ts'

export type BucketFilter = {
  readonly nameContains?: string | undefined
  readonly routeState?: RouteState | undefined
  readonly placement?: PlacementCondition | undefined
  /** Codes: one of them stands against its placement. */
  readonly reasons?: readonly string[] | undefined
  /** True: those that let in nobody. */
  readonly nobodyMayCall?: boolean | undefined
  /** Name of a cluster that holds a copy, the master's included. */
  readonly cluster?: string | undefined
}

const inCluster = (parameter: string) => `EXISTS (
  SELECT 1 FROM storage_deployment s JOIN cluster c ON c.id = s.cluster_id
  WHERE c.name = ${parameter} AND (s.id = b.master_storage_id
    OR EXISTS (SELECT 1 FROM replica p WHERE p.bucket_id = b.id AND p.storage_id = s.id)))`

const hasReason = (parameter: string) => `EXISTS (
  SELECT 1 FROM jsonb_array_elements(b.placement_reasons) reason WHERE reason->>'code' = ANY(${parameter}::text[]))`

/** FROM and WHERE; the state of routes is worked out only where it is asked for. */
function source(filter: BucketFilter, after: string | undefined) {
  const values: unknown[] = []
  const parameter = (value: unknown) => `$${values.push(value)}`
  const conditions = [`b.state <> 'creating'`]
  if (after !== undefined) conditions.push(`b.name > ${parameter(after)}`)
  if (filter.nameContains) conditions.push(`strpos(b.name, lower(${parameter(filter.nameContains)})) > 0`)
  if (filter.placement) conditions.push(`b.placement_condition = ${parameter(filter.placement)}`)
  if (filter.reasons) conditions.push(hasReason(parameter(filter.reasons)))
  if (filter.cluster !== undefined) conditions.push(inCluster(parameter(filter.cluster)))
  if (filter.nobodyMayCall) conditions.push(nobodyMayCall)
  const byState = filter.routeState !== undefined
  if (byState) conditions.push(`(${routeStateExpression}) = ${parameter(filter.routeState)}`)
  const routes = 'LEFT JOIN route r ON r.bucket_id = b.id LEFT JOIN route_table t ON t.id = r.table_id'
  const joins = [...(byState ? ['CROSS JOIN facts'] : []), ...(byState || filter.nobodyMayCall ? [routes] : [])]
  return {
    values,
    facts: byState ? `WITH ${routeStateFacts}` : '',
    from: `FROM bucket b ${joins.join(' ')} WHERE ${conditions.join(' AND ')}`,
  }
}

/** In the order of their names, those after the name `after`. */
export async function listBuckets(
  sql: Sql,
  filter: BucketFilter,
  after: string | undefined,
  limit: number,
): Promise<BucketRecord[]> {
  const { facts, from, values } = source(filter, after)
  const { rows } = await sql.query<BucketRecord>(
    `${facts} SELECT ${bucketColumns} ${from} ORDER BY b.name LIMIT $${values.length + 1}`,
    [...values, limit],
  )
  return rows
}

export async function countBuckets(sql: Sql, filter: BucketFilter): Promise<number> {
  const { facts, from, values } = source(filter, undefined)
  const { rows } = await sql.query<{ count: number }>(`${facts} SELECT count(*)::int AS count ${from}`, values)
  return rows[0]?.count ?? 0
}

/** The store of the master of each of these buckets that there is, by the bucket's name. */
export async function bucketMasters(sql: Sql, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql.query<{ name: string; store: string }>(
    `SELECT b.name, s.name AS store FROM bucket b JOIN storage_deployment s ON s.id = b.master_storage_id
     WHERE b.name = ANY($1::text[])`,
    [names],
  )
  return new Map(rows.map(({ name, store }) => [name, store]))
}

/** Ids of visible buckets in the order of their ids, those after `after`. */
export async function bucketIdsAfter(sql: Sql, after: string, limit: number): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>(
    `SELECT id FROM bucket WHERE id > $1::uuid AND state <> 'creating' ORDER BY id LIMIT $2`,
    [after, limit],
  )
  return rows.map((row) => row.id)
}

/**
 * The same of those whose calls may have nobody, or somebody again, since one of these function deployments changed: no cluster
 * of their route but those of the deployments has functions that answer.
 */
export async function bucketIdsThatNeed(
  sql: Sql,
  faasIds: readonly string[],
  after: string,
  limit: number,
): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>(
    `WITH known AS MATERIALIZED (SELECT ${silentClusters} AS silent,
       ARRAY(SELECT c.name FROM faas_deployment f JOIN cluster c ON c.id = f.cluster_id WHERE f.id = ANY($1::uuid[])) AS changed)
     SELECT b.id FROM known JOIN route_table t ON t.clusters && changed AND t.clusters <@ (changed || silent)
     JOIN route r ON r.table_id = t.id JOIN bucket b ON b.id = r.bucket_id
     WHERE b.id > $2::uuid AND b.state <> 'creating' ORDER BY b.id LIMIT $3`,
    [faasIds, after, limit],
  )
  return rows.map((row) => row.id)
}
