import type { ClusterState, Label } from '../../domain/fleet/cluster.ts'
import type { CatalogueTx } from '../core/client.ts'
import type { Sql, Tx } from '../core/pool.ts'

export type ClusterRecord = {
  readonly id: string
  readonly name: string
  readonly zones: readonly string[]
  readonly labels: readonly Label[]
  readonly state: ClusterState
  readonly version: number
}

const columns = 'c.id, c.name, c.zones, c.labels, c.state, c.version'

async function select(sql: Sql, rest: string, values: unknown[]): Promise<ClusterRecord[]> {
  const { rows } = await sql.query<ClusterRecord>(`SELECT ${columns} FROM cluster c ${rest}`, values)
  return rows
}

export const clustersByIds = (sql: Sql, ids: readonly string[]): Promise<ClusterRecord[]> =>
  select(sql, 'WHERE c.id = ANY($1::uuid[])', [ids])

export const clusterByName = async (sql: Sql, name: string): Promise<ClusterRecord | undefined> =>
  (await select(sql, 'WHERE c.name = $1', [name]))[0]

export const clusterByKey = async (sql: Sql, idempotencyKey: string): Promise<ClusterRecord | undefined> =>
  (await select(sql, 'WHERE c.idempotency_key = $1', [idempotencyKey]))[0]

/** Until the transaction ends nobody else changes it. */
export const lockCluster = async (tx: Tx, name: string): Promise<ClusterRecord | undefined> =>
  (await select(tx, 'WHERE c.name = $1 FOR NO KEY UPDATE', [name]))[0]

export const lockClusterById = async (tx: Tx, id: string): Promise<ClusterRecord | undefined> =>
  (await select(tx, 'WHERE c.id = $1::uuid FOR NO KEY UPDATE', [id]))[0]

/** By name. */
export const allClusters = (sql: Sql): Promise<ClusterRecord[]> => select(sql, 'ORDER BY c.name', [])

/** In the order of their names, those after the name `after`. */
export const listClusters = (sql: Sql, after: string | undefined, limit: number): Promise<ClusterRecord[]> =>
  select(sql, 'WHERE $1::text IS NULL OR c.name > $1 ORDER BY c.name LIMIT $2', [after ?? null, limit])

export async function countClusters(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ count: number }>('SELECT count(*)::int AS count FROM cluster')
  return rows[0]?.count ?? 0
}

/** Zones that some cluster lies in. */
export async function knownZones(sql: Sql): Promise<Set<string>> {
  const { rows } = await sql.query<{ zone: string }>(`SELECT DISTINCT unnest(zones) AS zone FROM cluster`)
  return new Set(rows.map((row) => row.zone))
}

/** Those of the names that no cluster has. */
export async function unknownClusters(sql: Sql, names: readonly string[]): Promise<string[]> {
  const { rows } = await sql.query<{ name: string }>('SELECT name FROM cluster WHERE name = ANY($1::text[])', [names])
  const known = new Set(rows.map((row) => row.name))
  return names.filter((name) => !known.has(name))
}

export type NewCluster = {
  readonly id: string
  readonly name: string
  readonly zones: readonly string[]
  readonly labels: readonly Label[]
  readonly idempotencyKey: string | null
}

export async function insertCluster(
  tx: CatalogueTx,
  { zones, labels, ...cluster }: NewCluster,
): Promise<ClusterRecord> {
  await tx.prisma.cluster.create({ data: { ...cluster, zones: [...zones], labels: [...labels] } })
  return { id: cluster.id, name: cluster.name, zones, labels, state: 'active', version: 1 }
}

export type ClusterChange = {
  readonly zones?: readonly string[]
  readonly labels?: readonly Label[]
  readonly state?: ClusterState
}

/** A change by a user: the version grows, also when only its deployments or stores change. */
export async function changeCluster(
  tx: CatalogueTx,
  cluster: ClusterRecord,
  change: ClusterChange = {},
): Promise<ClusterRecord> {
  const changed = { ...cluster, ...change, version: cluster.version + 1 }
  const { zones, labels, state, version } = changed
  await tx.prisma.cluster.update({
    where: { id: cluster.id },
    data: { zones: [...zones], labels: [...labels], state, version },
  })
  return changed
}

/** Its function deployments go with it. */
export async function deleteCluster(tx: CatalogueTx, id: string): Promise<void> {
  await tx.prisma.cluster.delete({ where: { id } })
}
