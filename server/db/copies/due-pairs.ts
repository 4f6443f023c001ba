// Which copies have keys that wait, in the order in which movers go round, however many keys they have.
import type { Link } from '../../domain/links/link.ts'
import type { Sql } from '../core/pool.ts'
import { priorityOf } from '../policies/in-force.ts'
import { isMade } from '../terms/copy.ts'
import { anyKey } from '../terms/missing.ts'
import { mayWrite } from './may-write.ts'

/** A copy (or a master) that has due keys of one class, and the link from its master: at the end of that they must be looked at. */
export type DuePair = Link & {
  readonly bucketId: string
  /** What events told goes before it. */
  readonly bulk: boolean
  readonly due: boolean
  /** The bucket's `replication_priority`. */
  readonly priority: number
  /** Stores of other copies of the bucket, which may lend what this one lacks. */
  readonly others: readonly string[]
}

/** A place in the order of a store's pairs: what events told before bulk, then by bucket. */
export type PairPlace = Pick<DuePair, 'bulk' | 'bucketId'>

const beforeAll: PairPlace = { bulk: false, bucketId: '00000000-0000-0000-0000-000000000000' }

/** SQL: what is told of pairs, each a row `p` of a store `s`. */
const toldOf = (pairs: string): string => `
  SELECT b.master_storage_id AS "fromStorageId", s.id AS "toStorageId", p.bucket_id AS "bucketId", p.bulk,
    ${priorityOf('b.id')} AS priority, p.not_before <= now() AND CASE WHEN b.master_storage_id = s.id
      THEN b.state <> 'deleting' AND b.master_stopped IS NULL
      ELSE (${isMade('r')} AND ${mayWrite()}) IS TRUE END AS due,
    ARRAY(SELECT o.storage_id FROM replica o WHERE o.bucket_id = b.id AND o.storage_id <> s.id
      AND b.master_storage_id <> s.id AND o.wanted AND ${isMade('o')}) AS others
  FROM ${pairs} JOIN bucket b ON b.id = p.bucket_id LEFT JOIN replica r ON r.bucket_id = b.id AND r.storage_id = s.id
  ORDER BY s.id, p.bulk, p.bucket_id`

/** Keys of which events told and that became due last: enough to know the copies of those that changed just now. */
const lastDue = 200

/**
 * Pairs whose events told of something just now, wherever their place is: those of the keys that became due last, within so many
 * seconds, however much a first sync marks meanwhile.
 */
export async function findYoungPairs(sql: Sql, seconds: number): Promise<DuePair[]> {
  const { rows } = await sql.query<DuePair>(
    toldOf(`(SELECT DISTINCT ON (d.storage_id, d.bucket_id) d.storage_id, d.bucket_id, false AS bulk, d.not_before
      FROM (SELECT * FROM dirty_object d
        WHERE NOT d.initial AND d.not_before <= now() AND d.not_before > now() - make_interval(secs => $1)
        ORDER BY d.not_before DESC LIMIT ${lastDue}) d
      ORDER BY d.storage_id, d.bucket_id, d.not_before) p JOIN storage_deployment s ON s.id = p.storage_id`),
    [seconds],
    'young_pairs',
  )
  return rows
}

/**
 * Up to `limit` pairs per store from the place `after` on, those included whose keys all wait. Skips from bucket to bucket
 * by the index, however many keys they have. Not due are copies that may not be written to or are not made yet, and masters
 * whose bucket is not the recorded one.
 */
export async function findDuePairs(
  sql: Sql,
  options: { readonly after: ReadonlyMap<string, PairPlace>; readonly limit: number },
): Promise<DuePair[]> {
  const places = [...options.after]
  // Ordered by not_before too, only so that PostgreSQL takes the index of all four columns.
  const { rows } = await sql.query<DuePair>(
    toldOf(`storage_deployment s
     LEFT JOIN unnest($1::uuid[], $2::boolean[], $3::uuid[]) AS k (storage_id, bulk, bucket_id) ON k.storage_id = s.id
     CROSS JOIN LATERAL (
       WITH RECURSIVE pair AS (
         (SELECT d.initial AS bulk, d.bucket_id, d.not_before FROM dirty_object d WHERE d.storage_id = s.id AND ${anyKey('d')}
          AND (d.initial, d.bucket_id) > (COALESCE(k.bulk, $5), COALESCE(k.bucket_id, $6))
          ORDER BY d.initial, d.bucket_id, d.not_before LIMIT 1)
         UNION ALL
         SELECT f.* FROM pair CROSS JOIN LATERAL (
           SELECT d.initial AS bulk, d.bucket_id, d.not_before FROM dirty_object d WHERE d.storage_id = s.id AND ${anyKey('d')}
           AND (d.initial, d.bucket_id) > (pair.bulk, pair.bucket_id)
           ORDER BY d.initial, d.bucket_id, d.not_before LIMIT 1) f
       ) SELECT * FROM pair LIMIT $4
     ) p`),
    [
      places.map(([storageId]) => storageId),
      places.map(([, place]) => place.bulk),
      places.map(([, place]) => place.bucketId),
      options.limit,
      beforeAll.bulk,
      beforeAll.bucketId,
    ],
    'due_pairs',
  )
  return rows
}
