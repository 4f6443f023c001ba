// What the other copies of a bucket hold of one key: for who copies it to one more, and may read it there.
import type { OtherCopy } from '../../domain/replica/choose-source.ts'
import { valueInForce } from '../policies/in-force.ts'
import { isDown } from '../terms/health.ts'
import { isMissing } from '../terms/missing.ts'
import { mayLend } from './may-write.ts'

/** One of them; what is measured is the mover's to add. Times are milliseconds. */
export type OtherCopyRow = Omit<OtherCopy, 'speed'> & {
  /** The bucket's name there. */
  readonly bucketName: string
  readonly sourceModified: number | null
  readonly size: number | null
}

export type OtherCopies = {
  readonly copies: readonly OtherCopyRow[]
  /** How many zones the master's cluster shares with the copy's. */
  readonly masterNear: number
  /** What a GB costs that leaves the master's cluster. */
  readonly masterCost: number
  /** The master's own key is dirty: what FaDO knows of it may be old. */
  readonly masterWaiting: boolean
}

/**
 * SQL: a query named `near`, of these stores (an array) and all others that share zones with them, and one named `cost`, of
 * what bytes of each store cost; read only where they are asked.
 */
export const nearStores = (storageIds: string): string => `near AS MATERIALIZED (
  SELECT t.id AS to_id, f.id AS from_id, count(*) AS zones FROM (SELECT DISTINCT id FROM unnest(${storageIds}) AS u (id)) d
  JOIN storage_deployment t ON t.id = d.id JOIN cluster tc ON tc.id = t.cluster_id
  CROSS JOIN storage_deployment f JOIN cluster fc ON fc.id = f.cluster_id CROSS JOIN LATERAL unnest(fc.zones) z
  WHERE z = ANY(tc.zones) GROUP BY 1, 2), cost AS MATERIALIZED (
  SELECT s.id AS storage_id, (${valueInForce('cost_per_gb', 'cluster', 's.cluster_id')} #>> '{}')::float8 AS per_gb
  FROM storage_deployment s)`

const costOf = (storageId: string) => `COALESCE((SELECT k.per_gb FROM cost k WHERE k.storage_id = ${storageId}), 0)`

const nearness = (from: string, to: string) =>
  `COALESCE((SELECT n.zones FROM near n WHERE n.from_id = ${from} AND n.to_id = ${to}), 0)`

/** SQL of an `OtherCopies`, for a row of `bucket` called `b`, a copy's store and a key; beside `nearStores`. */
export const otherCopies = (storageId: string, key: string): string => `json_build_object(
  'masterNear', ${nearness('b.master_storage_id', storageId)}, 'masterCost', ${costOf('b.master_storage_id')},
  'masterWaiting', EXISTS (SELECT 1 FROM dirty_object md WHERE md.bucket_id = b.id
    AND md.storage_id = b.master_storage_id AND md.key = ${key} AND ${isMissing('md')}),
  'copies', (SELECT COALESCE(json_agg(json_build_object(
    'storageId', o.storage_id, 'bucketName', o.bucket_name, 'near', ${nearness('o.storage_id', storageId)},
    'costPerGb', ${costOf('o.storage_id')},
    'permitted', ${mayLend('o', storageId)},
    'healthy', NOT ${isDown('os')},
    'state', CASE WHEN oj.state IN ('there', 'writing') THEN oj.state ELSE 'other' END,
    'verified', oj.verified_at IS NOT NULL, 'sourceEtag', oj.source_etag, 'targetEtag', oj.target_etag,
    'sourceModified', extract(epoch FROM oj.source_modified) * 1000, 'carried', oj.carried, 'size', oj.size,
    'waiting', COALESCE(${isMissing('od')}, false),
    'worked', COALESCE(od.lease_until > now() AND od.attempts = 0, false))), '[]')
    FROM replica o JOIN storage_deployment os ON os.id = o.storage_id
    LEFT JOIN LATERAL (SELECT * FROM replica_object x WHERE x.replica_id = o.id AND x.key = ${key} OFFSET 0) oj ON true
    LEFT JOIN LATERAL (SELECT * FROM dirty_object x WHERE x.bucket_id = o.bucket_id AND x.storage_id = o.storage_id
      AND x.key = ${key} OFFSET 0) od ON true
    WHERE o.bucket_id = b.id AND o.storage_id <> ${storageId}))`
