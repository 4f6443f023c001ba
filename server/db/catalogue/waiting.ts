// What copies wait for, and for how long what they lack is known.
import type { Link } from '../../domain/links/link.ts'
import type { Observed } from '../../domain/replica/replica-state.ts'
import type { CallFailure, MasterStop, StoreProblem, Trouble } from '../../domain/trouble/trouble.ts'
import type { Sql } from '../core/pool.ts'
import { isMissingIn } from '../terms/missing.ts'
import { moversOf, servesLink } from './movers.ts'

/** Ages up to which what is missing is counted, each with all that is younger; null: all of it. */
const lagAges = [5, 60, 300, 900, 3600, null] as const

export type LagByAge = {
  readonly upToSeconds: number | null
  readonly objects: number
  readonly bytes: number
}

const upTo = (seconds: number | null) =>
  seconds === null ? 'true' : `d.since > now() - make_interval(secs => ${seconds})`

/** For each of these copies, by its id. */
export async function lagsByAge(sql: Sql, replicaIds: readonly string[]): Promise<Map<string, LagByAge[]>> {
  const { rows } = await sql.query<{ id: string; objects: number[]; bytes: number[] }>(
    `SELECT r.id, q.objects, q.bytes FROM replica r CROSS JOIN LATERAL (SELECT
       ARRAY[${lagAges.map((age) => `(count(*) FILTER (WHERE ${upTo(age)}))::float8`).join(', ')}] AS objects,
       ARRAY[${lagAges.map((age) => `COALESCE(sum(d.size) FILTER (WHERE ${upTo(age)}), 0)::float8`).join(', ')}] AS bytes
       FROM dirty_object d WHERE ${isMissingIn('d', 'r')}) q WHERE r.id = ANY($1::uuid[])`,
    [replicaIds],
  )
  return new Map(
    rows.map(({ id, objects, bytes }) => [
      id,
      lagAges.map((upToSeconds, i) => ({ upToSeconds, objects: objects[i] ?? 0, bytes: bytes[i] ?? 0 })),
    ]),
  )
}

export type WaitingRecord = Link & {
  readonly id: string
  readonly bucketId: string
  readonly bucket: string
  readonly store: string
  readonly master: string
  readonly masterBucket: string
  /** From where its bytes came last, where it could choose; null: it could not. */
  readonly sourceStorageId: string | null
  readonly wanted: boolean
  readonly observed: Observed
  /** The keys of its first copy are marked, all of them. */
  readonly isCounted: boolean
  readonly masterObjects: number | null
  readonly masterBytes: number | null
  readonly bucketPaused: boolean
  readonly linkPaused: boolean
  readonly narrowing: boolean
  readonly unserved: boolean
  readonly masterStop: MasterStop | null
  readonly masterProblem: StoreProblem | null
  readonly problem: StoreProblem | null
  readonly braked: number
  readonly task: Trouble | null
  readonly dueObjects: number
  readonly dueBytes: number
  readonly dueSeconds: number | null
  readonly failedObjects: number
  readonly failedBytes: number
  readonly failedSeconds: number
  readonly failedTries: number
  readonly failure: CallFailure | null
  readonly laterObjects: number
  readonly laterBytes: number
  readonly laterSeconds: number
  readonly workedObjects: number
  readonly workedBytes: number
}

const problemOf = (storage: string) =>
  `(SELECT x.problem FROM store_trouble x WHERE x.storage_id = ${storage} ORDER BY x.since LIMIT 1)`

/** The keys of one kind, counted; `when` says of a row which kind it is. */
const amount = (kind: string, when: string) => `(count(*) FILTER (WHERE ${when}))::float8 AS "${kind}Objects",
  COALESCE(sum(d.size) FILTER (WHERE ${when}), 0)::float8 AS "${kind}Bytes"`
const isDue = 'd.lease_owner IS NULL AND d.not_before <= now()'
const isFailed = 'd.lease_owner IS NULL AND d.not_before > now() AND d.attempts > 0'
const isLater = 'd.lease_owner IS NULL AND d.not_before > now() AND d.attempts = 0'
const isWorked = 'd.lease_owner IS NOT NULL'
const secondsTo = (when: string) =>
  `COALESCE(extract(epoch FROM min(d.not_before) FILTER (WHERE ${when}) - now()), 0)::float8`

export async function waitingRecords(sql: Sql, replicaIds: readonly string[]): Promise<WaitingRecord[]> {
  const { rows } = await sql.query<WaitingRecord>(
    `SELECT r.id, r.bucket_id AS "bucketId", b.name AS bucket, s.name AS store, m.name AS master, b.master_bucket_name AS "masterBucket",
       b.master_storage_id AS "fromStorageId", r.storage_id AS "toStorageId", r.source_storage_id AS "sourceStorageId",
       r.wanted, r.observed, COALESCE(t.kind = 'first_sync' AND t.phase IN ('copying', 'comparing'), false) AS "isCounted",
       b.objects::float8 AS "masterObjects", b.bytes::float8 AS "masterBytes",
       EXISTS (SELECT 1 FROM bucket_pause p WHERE p.bucket_id = b.id) AS "bucketPaused",
       EXISTS (SELECT 1 FROM link_pause p WHERE p.from_storage_id = m.id AND p.to_storage_id = s.id) AS "linkPaused",
       EXISTS (SELECT 1 FROM dirty_bucket n WHERE n.bucket_id = b.id AND n.narrowing) AS narrowing,
       ${moversOf('true')} > 0 AND ${moversOf(servesLink('m.name', 's.name'))} = 0 AS unserved,
       b.master_stopped AS "masterStop", ${problemOf('m.id')} AS "masterProblem", ${problemOf('s.id')} AS problem,
       r.braked, t.trouble AS task, q.*
     FROM replica r JOIN bucket b ON b.id = r.bucket_id
     JOIN storage_deployment s ON s.id = r.storage_id JOIN storage_deployment m ON m.id = b.master_storage_id
     LEFT JOIN replica_task t ON t.bucket_id = r.bucket_id AND t.storage_id = r.storage_id
     CROSS JOIN LATERAL (SELECT ${amount('due', isDue)}, ${amount('failed', isFailed)}, ${amount('later', isLater)}, ${amount('worked', isWorked)},
       extract(epoch FROM now() - min(d.not_before) FILTER (WHERE ${isDue}))::float8 AS "dueSeconds",
       ${secondsTo(isFailed)} AS "failedSeconds", ${secondsTo(isLater)} AS "laterSeconds",
       COALESCE(max(d.attempts) FILTER (WHERE ${isFailed}), 0) AS "failedTries",
       (array_agg(d.failure ORDER BY d.not_before) FILTER (WHERE ${isFailed} AND d.failure IS NOT NULL))[1] AS failure
       FROM dirty_object d WHERE ${isMissingIn('d', 'r')}) q
     WHERE r.id = ANY($1::uuid[])`,
    [replicaIds],
  )
  return rows
}

/** The copies that lack something, those for which the oldest change waits longest first. */
export async function waitingReplicaIds(sql: Sql, most: number): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>(
    `SELECT r.id FROM replica r LEFT JOIN LATERAL (
       SELECT since FROM dirty_object d WHERE ${isMissingIn('d', 'r')}
         ORDER BY d.bucket_id, d.storage_id, d.since LIMIT 1) d ON true
     WHERE r.wanted AND (d.since IS NOT NULL OR r.braked > 0 OR r.observed <> 'complete')
     ORDER BY LEAST(d.since, r.braked_since, CASE WHEN r.observed <> 'complete' THEN r.decided_at END), r.id LIMIT $1`,
    [most],
  )
  return rows.map((row) => row.id)
}
