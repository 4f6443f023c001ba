// What the health monitor sees, and what follows from it.

import type { Takes } from '../../domain/fleet/call-kind.ts'
import type { FaasTls } from '../../domain/fleet/faas-auth.ts'
import type { HealthBefore } from '../../domain/fleet/failback.ts'
import type { FaasKind } from '../../domain/fleet/platform.ts'
import type { HealthSeen } from '../../domain/fleet/seen.ts'
import type { Sql, Tx } from '../core/pool.ts'
import { failbackAfterOf } from '../policies/in-force.ts'
import { isMade } from '../terms/copy.ts'
import { faasTlsColumns, withTls } from '../terms/faas.ts'
import { recordHealthChange } from './health-changes.ts'

type Probed = HealthBefore & Pick<HealthSeen, 'cause'> & { readonly id: string }

export type ProbedStore = Probed & {
  readonly name: string
  /** Some of the buckets that FaDO uses there, by their names on the store, sorted. */
  readonly buckets: readonly string[]
  /** How long its process runs by what it last told, in seconds; null when it never did. */
  readonly runsSeconds: number | null
}
export type ProbedFunctions = Probed & {
  readonly kind: FaasKind
  readonly url: string
  readonly takes: Takes
  readonly pathTemplate: string | null
  readonly functions: readonly string[]
  readonly probePath: string | null
  readonly addresses: readonly string[]
  readonly lacksPath: boolean
  readonly tls: FaasTls
  /** Its sealed secrets; null: it has none. */
  readonly sealed: string | null
  /** The name of its own. */
  readonly cluster: string
  /** The names of all that have functions. */
  readonly clusters: ReadonlySet<string>
}

/** SQL: what `nextHealth` asks about the store or deployment called `alias`. */
const healthBefore = (alias: string): string =>
  `${alias}.health, extract(epoch FROM now() - ${alias}.health_since)::float8 AS seconds,
   ${failbackAfterOf(`${alias}.cluster_id`)} AS "failbackAfter"`

/** Of each kind (masters, replicas), with those that are not made yet: enough to find one that answers where some do not. */
const bucketsOfStore = 50

/** SQL: the first rows of this table that an index has for the store `s`. A further condition might have all of them read. */
const firstOf = (table: 'bucket' | 'replica', storage: string): string =>
  `(SELECT * FROM ${table} o WHERE o.${storage} = s.id LIMIT ${bucketsOfStore})`

export async function storesToProbe(sql: Sql): Promise<ProbedStore[]> {
  const { rows } = await sql.query<ProbedStore>(
    `SELECT s.id, s.name, ${healthBefore('s')}, s.health_cause AS cause,
       extract(epoch FROM now() - s.process_began_at)::float8 AS "runsSeconds",
       ARRAY(SELECT b.master_bucket_name FROM ${firstOf('bucket', 'master_storage_id')} b WHERE b.state = 'active')
         || ARRAY(SELECT r.bucket_name FROM ${firstOf('replica', 'storage_id')} r WHERE r.wanted AND ${isMade('r')}) AS buckets
     FROM storage_deployment s ORDER BY s.id`,
  )
  return rows.map((store) => ({ ...store, buckets: store.buckets.toSorted() }))
}

export async function functionsToProbe(sql: Sql): Promise<ProbedFunctions[]> {
  const { rows } = await sql.query<Omit<ProbedFunctions, 'clusters' | 'tls'> & FaasTls>(
    `SELECT f.id, f.kind, f.url, f.takes, f.path_template AS "pathTemplate", f.functions, f.probe_path AS "probePath",
       ${healthBefore('f')}, f.health_cause AS cause, f.addresses, f.lacks_path AS "lacksPath", c.name AS cluster,
       ${faasTlsColumns('f')}, f.credentials AS sealed
     FROM faas_deployment f JOIN cluster c ON c.id = f.cluster_id ORDER BY f.id`,
  )
  const clusters = new Set(rows.map(({ cluster }) => cluster))
  return rows.map((row) => ({ ...withTls(row), clusters }))
}

/** SQL, where `before` is the row until now: what of it is another. */
const change = `before.health <> $2 AS turned, before.health <> $2 OR before.health_cause IS DISTINCT FROM $3 AS changed`
/** `turned`: its health is another. `changed`: that, or only why: what its history keeps. */
type HealthWritten = { readonly turned: boolean; readonly changed: boolean }

/** What else is kept of it, from $6 on: how a row `d` is set, and when it differs. */
type Beside = { readonly set: string; readonly differs: string; readonly values: readonly unknown[] }

/** Undefined: all of it is as it was. */
async function writeHealth(
  tx: Tx,
  of: 'storage_id' | 'faas_id',
  id: string,
  seen: HealthSeen,
  { set, differs, values }: Beside,
): Promise<HealthWritten | undefined> {
  const table = of === 'storage_id' ? 'storage_deployment' : 'faas_deployment'
  const { rows } = await tx.query<HealthWritten>(
    `WITH before AS (SELECT health, health_cause FROM ${table} WHERE id = $1 FOR NO KEY UPDATE)
     UPDATE ${table} d SET health = $2, health_cause = $3, health_detail = $4${set},
       health_since = CASE WHEN d.health = $2 AND NOT $5::boolean THEN d.health_since ELSE now() END
     FROM before WHERE d.id = $1 AND (d.health <> $2 OR d.health_cause IS DISTINCT FROM $3 OR $5::boolean${differs})
     RETURNING ${change}`,
    [id, seen.health, seen.cause, seen.detail, seen.anew, ...values],
  )
  const [written] = rows
  if (written?.changed) await recordHealthChange(tx, of, id, seen)
  return written
}

/**
 * Resolves to whether its health is another: then its buckets are to be decided again, for their copies there may serve, or may
 * not.
 */
export async function writeStoreHealth(tx: Tx, id: string, seen: HealthSeen): Promise<boolean> {
  const written = await writeHealth(tx, 'storage_id', id, seen, { set: '', differs: '', values: [] })
  if (written === undefined) return false
  tx.changed('storage', [id])
  return written.turned
}

export async function writeProcessBegan(sql: Sql, storageId: string, uptimeSeconds: number): Promise<void> {
  await sql.query(
    'UPDATE storage_deployment SET process_began_at = now() - make_interval(secs => $2::float8) WHERE id = $1',
    [storageId, uptimeSeconds],
  )
}

/** Resolves to whether its health is another: whoever depends on whether it takes calls is to be decided again. */
export async function writeFunctionHealth(
  tx: Tx,
  id: string,
  /** No addresses: those that are known stay. */
  seen: HealthSeen & { readonly addresses: readonly string[]; readonly lacksPath: boolean },
): Promise<boolean> {
  const known = 'CASE WHEN cardinality($6::text[]) > 0 THEN $6::text[] ELSE d.addresses END'
  const written = await writeHealth(tx, 'faas_id', id, seen, {
    set: `, addresses = ${known}, lacks_path = $7`,
    differs: ` OR d.addresses <> ${known} OR d.lacks_path <> $7::boolean`,
    values: [seen.addresses, seen.lacksPath],
  })
  if (written === undefined) return false
  tx.changed('faas', [id])
  tx.wake('endpoints')
  return written.turned
}
