// What waits in the whole fleet and for how long, for /metrics: one statement, whose price is that of reading the queue of keys
// once (docs/metrics.md says what was measured).
import { ageBands, type FleetBacklog } from '../../domain/backlog.ts'
import type { Sql } from '../core/pool.ts'
import { countingExceptions } from '../terms/agreed.ts'
import { isAnswering } from '../terms/health.ts'
import { isMissing } from '../terms/missing.ts'

const seconds = (since: string) => `GREATEST(0, extract(epoch FROM now() - ${since}))::float8`

const bands = Object.entries(ageBands)

/**
 * SQL: each copy that lacks keys. `within_1m` counts what is
 * younger than a minute, and so on: one comparison of times for each row and band.
 */
const waiting = `
  SELECT bucket_id, storage_id, count(*) AS keys, sum(size) AS bytes, min(since) AS since,
    count(*) FILTER (WHERE attempts > 0) AS failing,
    ${bands.map(([band, to]) => `count(*) FILTER (WHERE since > now() - interval '${to} s') AS within_${band}`).join(', ')}
  FROM dirty_object d WHERE ${isMissing('d')} GROUP BY bucket_id, storage_id`

const ofCopies = (what: string) => `COALESCE(sum(${what}) FILTER (WHERE of_copy), 0)`

/** SQL: an object of counts by band: of each what is younger, without what is younger still. */
const byAge = [...bands.map(([band]) => [band, `within_${band}`]), ['more', 'keys']]
  .map(([band, count], place) => {
    const younger = bands[place - 1]?.[0]
    return `'${band}', ${ofCopies(younger === undefined ? `${count}` : `${count} - within_${younger}`)}`
  })
  .join(', ')

const stores = `
  SELECT s.name AS store, ${isAnswering('s')} AS up,
    ${ofCopies('w.keys')} AS copies, ${ofCopies('w.failing')} AS failing,
    COALESCE(${seconds('min(w.since) FILTER (WHERE of_copy)')}, 0) AS "copiesOldest",
    COALESCE(sum(w.keys) FILTER (WHERE NOT of_copy), 0) AS records,
    COALESCE(${seconds('min(w.since) FILTER (WHERE NOT of_copy)')}, 0) AS "recordsOldest",
    json_build_object(${byAge}) AS "byAge", ${ofCopies('w.bytes')} AS bytes,
    (SELECT COALESCE(sum(r.conflicts), 0) FROM replica r WHERE r.storage_id = s.id) AS conflicts,
    (SELECT COALESCE(sum(r.braked), 0) FROM replica r WHERE r.storage_id = s.id) AS braked,
    (SELECT count(*) FROM bucket b WHERE b.master_storage_id = s.id AND b.master_stopped IS NOT NULL) AS stopped,
    (SELECT count(*) FROM violating v WHERE v.store = s.name) AS violations
  FROM storage_deployment s LEFT JOIN (
    SELECT w.*, b.master_storage_id <> w.storage_id AS of_copy FROM waiting w JOIN bucket b ON b.id = w.bucket_id
  ) w ON w.storage_id = s.id GROUP BY s.id ORDER BY s.name`

/** SQL: each bucket with each store where its last decision found data that zones forbid there. */
const violating = `
  SELECT DISTINCT b.id, r ->> 'store' AS store FROM bucket b CROSS JOIN LATERAL jsonb_array_elements(b.placement_reasons) r
  WHERE b.placement_reasons @> '[{"code": "RESIDENCY_VIOLATION"}]' AND r ->> 'code' = 'RESIDENCY_VIOLATION'`

const worst = `
  SELECT b.name AS bucket, s.name AS store, COALESCE(${seconds('LEAST(w.since, r.braked_since)')}, 0) AS lag
  FROM replica r JOIN bucket b ON b.id = r.bucket_id JOIN storage_deployment s ON s.id = r.storage_id
  LEFT JOIN waiting w ON w.bucket_id = r.bucket_id AND w.storage_id = r.storage_id
  WHERE r.wanted ORDER BY lag DESC, b.name, s.name LIMIT $1`

/** A bucket that failed waits since it was marked; one that is due since it became so. */
const buckets = `
  SELECT count(*) FILTER (WHERE attempts = 0 AND not_before <= now()) AS due,
    count(*) FILTER (WHERE attempts > 0) AS failing,
    count(*) FILTER (WHERE attempts = 0 AND not_before > now()) AS scheduled,
    COALESCE(${seconds('min(CASE WHEN attempts > 0 THEN since ELSE not_before END)')}, 0) AS oldest
  FROM dirty_bucket`

const proxies = `
  SELECT count(*) FILTER (WHERE open) AS connected, count(*) FILTER (WHERE NOT open) AS gone,
    (SELECT count(DISTINCT bucket_name) FROM (${countingExceptions}) e WHERE state = 'nacked') AS "refusedRoutes"
  FROM (SELECT bool_or(closed_at IS NULL) AS open FROM proxy_stream GROUP BY proxy_node_id) p`

/** `replicas`: of so many copies the lag is told. */
export async function readBacklog(sql: Sql, replicas: number): Promise<FleetBacklog> {
  const { rows } = await sql.query<FleetBacklog>(
    `WITH waiting AS MATERIALIZED (${waiting}), violating AS MATERIALIZED (${violating})
     SELECT (SELECT row_to_json(x) FROM (${buckets}) x) AS buckets,
       (SELECT COALESCE(json_agg(x), '[]') FROM (${stores}) x) AS stores,
       (SELECT COALESCE(json_agg(x), '[]') FROM (${worst}) x) AS worst,
       (SELECT row_to_json(x) FROM (${proxies}) x) AS proxies`,
    [replicas],
  )
  const [backlog] = rows
  if (backlog === undefined) throw new Error('a statement without FROM has a row')
  return backlog
}
