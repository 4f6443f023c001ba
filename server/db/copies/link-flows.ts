// What a mover carries over each link. Each has rows of its own, so that the figures of several add up; to the bytes of a month all
// of them add.
import type { LoweredBy } from '../../domain/links/concurrency.ts'
import type { Link } from '../../domain/links/link.ts'
import { given } from '../core/given.ts'
import type { Sql } from '../core/pool.ts'

export type LinkFlow = {
  readonly link: Link
  readonly moving: number
  readonly bytesPerSecond: number | null
  readonly objectsPerSecond: number | null
  /** Of the objects that it works on: what of them went over it already. */
  readonly bytesUnderWay: number
  readonly roundTripMs: number | null
  /** Null: its bytes are lent, and the link from their master has the gate. */
  readonly concurrency: FlowConcurrency | null
}

export type FlowConcurrency = {
  readonly limit: number
  readonly inUse: number
  readonly most: number
  /** What lowered the limit last, by which store's answers, and how many milliseconds ago. */
  readonly lowered: { readonly why: LoweredBy['why']; readonly storageId: string; readonly ago: number } | null
}

export type LinkBytes = { readonly link: Link; readonly bytes: number }

const givenFlows = given<LinkFlow>({
  from_storage_id: ['uuid', ({ link }) => link.fromStorageId],
  to_storage_id: ['uuid', ({ link }) => link.toStorageId],
  moving: ['int', (flow) => flow.moving],
  bytes_per_second: ['float8', (flow) => flow.bytesPerSecond],
  objects_per_second: ['float8', (flow) => flow.objectsPerSecond],
  bytes_under_way: ['bigint', (flow) => flow.bytesUnderWay],
  round_trip_ms: ['float8', (flow) => flow.roundTripMs],
  concurrency: ['int', ({ concurrency }) => concurrency?.limit ?? null],
  in_use: ['int', ({ concurrency }) => concurrency?.inUse ?? null],
  most: ['int', ({ concurrency }) => concurrency?.most ?? null],
  lowered_by: ['text', ({ concurrency }) => concurrency?.lowered?.why ?? null],
  lowered_storage_id: ['uuid', ({ concurrency }) => concurrency?.lowered?.storageId ?? null],
  lowered_ms_ago: ['float8', ({ concurrency }) => concurrency?.lowered?.ago ?? null],
})

/** These are all that this mover says now; what it said of other links goes, and what movers said that are gone. */
export async function writeLinkFlows(sql: Sql, owner: string, flows: readonly LinkFlow[]): Promise<void> {
  await sql.query(
    `WITH given AS (
       SELECT * FROM ${givenFlows.rows('g', 2)}
     ), gone AS (
       DELETE FROM link_flow f WHERE f.owner = $1 AND NOT EXISTS (SELECT 1 FROM given g
         WHERE g.from_storage_id = f.from_storage_id AND g.to_storage_id = f.to_storage_id)
       OR f.owner <> $1 AND f.seen_at < now() - interval '1 minute'
     )
     INSERT INTO link_flow (owner, from_storage_id, to_storage_id, moving, bytes_per_second, objects_per_second,
       bytes_under_way, round_trip_ms, concurrency, in_use, most, lowered_by, lowered_storage_id, lowered_at)
     SELECT $1, g.from_storage_id, g.to_storage_id, g.moving, g.bytes_per_second, g.objects_per_second, g.bytes_under_way,
       g.round_trip_ms, g.concurrency, g.in_use, g.most, g.lowered_by, g.lowered_storage_id,
       now() - g.lowered_ms_ago * interval '1 ms'
     FROM given g JOIN storage_deployment a ON a.id = g.from_storage_id JOIN storage_deployment z ON z.id = g.to_storage_id
     ON CONFLICT (owner, from_storage_id, to_storage_id) DO UPDATE SET moving = excluded.moving,
       bytes_per_second = excluded.bytes_per_second, objects_per_second = excluded.objects_per_second,
       bytes_under_way = excluded.bytes_under_way, round_trip_ms = excluded.round_trip_ms,
       concurrency = excluded.concurrency, in_use = excluded.in_use, most = excluded.most, lowered_by = excluded.lowered_by,
       lowered_storage_id = excluded.lowered_storage_id, lowered_at = excluded.lowered_at, seen_at = now()`,
    [owner, ...givenFlows.values(flows)],
  )
}

const givenBytes = given<LinkBytes>({
  from_id: ['uuid', ({ link }) => link.fromStorageId],
  to_id: ['uuid', ({ link }) => link.toStorageId],
  bytes: ['bigint', ({ bytes }) => bytes],
})

/** They went over these links since this was called last. */
export async function addLinkBytes(sql: Sql, carried: readonly LinkBytes[]): Promise<void> {
  await sql.query(
    `INSERT INTO link_month AS m (from_storage_id, to_storage_id, month, bytes)
     SELECT a.id, z.id, date_trunc('month', now() AT TIME ZONE 'UTC'), g.bytes
     FROM ${givenBytes.rows('g', 1)}
     JOIN storage_deployment a ON a.id = g.from_id JOIN storage_deployment z ON z.id = g.to_id ORDER BY 1, 2
     ON CONFLICT (from_storage_id, to_storage_id, month) DO UPDATE SET bytes = m.bytes + excluded.bytes`,
    givenBytes.values(carried),
  )
}
