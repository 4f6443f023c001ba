// The pairs of stores between which objects are copied: what waits for each, and what movers carry over it now.
import { type Amount, sum } from '../../domain/forecast/amount.ts'
import type { LoweredBy } from '../../domain/links/concurrency.ts'
import { type Link, linkId } from '../../domain/links/link.ts'
import type { SourceReason } from '../../domain/replica/choose-source.ts'
import type { LinkFacts } from '../../domain/waiting/why-waiting.ts'
import type { Sql } from '../core/pool.ts'
import { type StoreRate, storeRates } from '../policies/cluster-rates.ts'
import { isMissing } from '../terms/missing.ts'
import { moversOf, servesLink } from './movers.ts'
import type { Pause } from './pauses.ts'

export type LinkRecord = Link &
  LinkFacts & {
    readonly from: string
    readonly to: string
    readonly pause: Pause | null
    /** All that waits to be worked on, of all copies. */
    readonly waiting: Amount
    /** What the policies of the clusters at its ends let pass, those that have such policies. */
    readonly ends: readonly StoreRate[]
    /** What went over it in this calendar month (UTC). */
    readonly monthBytes: number
    /** What a GB costs over it now; null: nothing, or it was not said. */
    readonly costPerGb: number | null
    /** Why what came over it last came over it, of copies that could choose. */
    readonly whys: readonly SourceReason[]
    /** The fastest answers of both stores, added; null: none was measured lately. */
    readonly roundTripMs: number | null
    /** How many at once the movers that work on it found to be right; null: none works on it, or its bytes are lent. */
    readonly concurrency: LinkConcurrency | null
    /** Objects of copies that are taken over on it; null: none is. */
    readonly comparing: { readonly objectsDone: number; readonly objectsTotal: number } | null
    /** How many run that work on it. */
    readonly movers: number
    /** How many buckets with their master at its beginning have a copy at its end that is wanted. */
    readonly copies: number
  }

/**
 * Of all movers together, but for what lowered one's limit last; `store`: whose answers did, by name. `inUse`: of the places that
 * the limit allows; what was under way when it fell ends above it.
 */
export type LinkConcurrency = {
  readonly limit: number
  readonly inUse: number
  readonly most: number
  readonly lowered: { readonly why: LoweredBy['why']; readonly store: string; readonly at: Date } | null
}

/** A mover renews what it says every second; who has not for so long (seconds) does not count. */
const silentSeconds = 4

type Row = Omit<LinkRecord, 'pause' | 'waiting' | 'limit' | 'ends' | 'costPerGb' | 'concurrency'> & {
  readonly atOnce: number | null
  readonly inUse: number
  readonly most: number
  readonly loweredBy: LoweredBy['why'] | null
  readonly loweredStore: string | null
  readonly loweredAt: Date | null
  readonly pausedBy: string | null
  readonly pausedSince: Date | null
}

/** What waits for a copy, on the link from its master. */
export type CopyBacklog = Link & Amount & { readonly bucketId: string }

/** What waits for each copy that lacks something. Reads the whole queue of keys. */
export async function copyBacklogs(sql: Sql): Promise<CopyBacklog[]> {
  const { rows } = await sql.query<CopyBacklog>(
    `SELECT d.bucket_id AS "bucketId", b.master_storage_id AS "fromStorageId", d.storage_id AS "toStorageId", d.objects, d.bytes
     FROM (SELECT bucket_id, storage_id, count(*)::float8 AS objects, COALESCE(sum(size), 0)::float8 AS bytes FROM dirty_object k
       WHERE lease_owner IS NULL AND ${isMissing('k')} GROUP BY 1, 2) d
     JOIN bucket b ON b.id = d.bucket_id`,
  )
  return rows
}

/** Of the mover whose limit was lowered last. */
const lastLowered = (column: string) =>
  `(array_agg(${column} ORDER BY lowered_at DESC) FILTER (WHERE lowered_at IS NOT NULL))[1]`

const thisMonth = "date_trunc('month', now() AT TIME ZONE 'UTC')::date"

/** In the order of the names of their stores. */
export async function listLinks(sql: Sql, backlogs: readonly CopyBacklog[]): Promise<LinkRecord[]> {
  const { rows } = await sql.query<Row>(
    `WITH flow AS (
       SELECT from_storage_id AS from_id, to_storage_id AS to_id, sum(moving) AS moving,
         sum(concurrency) AS concurrency, sum(LEAST(in_use, concurrency)) AS in_use, sum(most) AS most, ${lastLowered('lowered_by')} AS lowered_by,
         ${lastLowered('lowered_storage_id')} AS lowered_storage_id, max(lowered_at) AS lowered_at,
         sum(bytes_per_second) AS bytes_per_second, sum(objects_per_second) AS objects_per_second,
         sum(bytes_under_way) AS bytes_under_way, min(round_trip_ms) AS round_trip_ms
       FROM link_flow WHERE seen_at > now() - make_interval(secs => $1) GROUP BY 1, 2
     ), comparing AS (
       SELECT b.master_storage_id AS from_id, t.storage_id AS to_id,
         json_build_object('objectsDone', sum(t.objects_done), 'objectsTotal', sum(t.objects_total)) AS amount
       FROM replica_task t JOIN bucket b ON b.id = t.bucket_id
       WHERE t.kind = 'first_sync' AND t.phase = 'comparing' GROUP BY 1, 2
     ), made AS (
       SELECT b.master_storage_id AS from_id, r.storage_id AS to_id, count(*) FILTER (WHERE r.wanted) AS copies
       FROM replica r JOIN bucket b ON b.id = r.bucket_id GROUP BY 1, 2
     ), lent AS (
       SELECT source_storage_id AS from_id, storage_id AS to_id, array_agg(DISTINCT source_why ORDER BY source_why) AS whys
       FROM replica WHERE wanted AND source_storage_id IS NOT NULL GROUP BY 1, 2
     ), month AS (
       SELECT from_storage_id AS from_id, to_storage_id AS to_id, bytes FROM link_month WHERE month = ${thisMonth}
     ), pair AS (
       SELECT from_id, to_id FROM made
       UNION SELECT from_storage_id, to_storage_id FROM link_pause
       UNION SELECT from_id, to_id FROM flow
       UNION SELECT from_id, to_id FROM month
       UNION SELECT from_id, to_id FROM lent
     )
     SELECT p.from_id AS "fromStorageId", p.to_id AS "toStorageId", a.name AS from, z.name AS to, lp.actor AS "pausedBy", lp.since AS "pausedSince",
       COALESCE(m.bytes, 0)::float8 AS "monthBytes",
       COALESCE(f.moving, 0)::int AS moving, ${moversOf(servesLink('a.name', 'z.name'))} AS movers,
       COALESCE(o.copies, 0)::int AS copies,
       c.amount AS comparing, f.concurrency::int AS "atOnce", f.in_use::int AS "inUse", f.most::int AS most, f.lowered_by AS "loweredBy",
       f.lowered_at AS "loweredAt", l.name AS "loweredStore", f.bytes_per_second AS "bytesPerSecond", f.objects_per_second AS "objectsPerSecond",
       COALESCE(f.bytes_under_way, 0)::float8 AS "bytesUnderWay", f.round_trip_ms AS "roundTripMs",
       COALESCE(w.whys, '{}') AS whys
     FROM pair p JOIN storage_deployment a ON a.id = p.from_id JOIN storage_deployment z ON z.id = p.to_id
     LEFT JOIN link_pause lp ON lp.from_storage_id = p.from_id AND lp.to_storage_id = p.to_id
     LEFT JOIN flow f USING (from_id, to_id) LEFT JOIN comparing c USING (from_id, to_id)
     LEFT JOIN made o USING (from_id, to_id) LEFT JOIN lent w USING (from_id, to_id) LEFT JOIN month m USING (from_id, to_id)
     LEFT JOIN storage_deployment l ON l.id = f.lowered_storage_id
     ORDER BY a.name, z.name`,
    [silentSeconds],
  )
  const rates = await storeRates(sql)
  const waiting = Map.groupBy(backlogs, linkId)
  return rows.map(({ pausedBy: by, pausedSince: since, atOnce, inUse, most, ...of }) => {
    const { loweredBy: why, loweredStore: store, loweredAt: at, ...row } = of
    const lowered = why === null || store === null || at === null ? null : { why, store, at }
    const ends = endsOf(rates, row)
    return {
      concurrency: atOnce === null ? null : { limit: atOnce, inUse, most, lowered },
      ...{ ...row, ends, limit: smallest(ends), costPerGb: rates.get(row.fromStorageId)?.costPerGb || null },
      waiting: sum(waiting.get(linkId(row)) ?? []),
      pause: by === null || since === null ? null : { by, since },
    }
  })
}

/** Those of both ends that have such policies. */
export const endsOf = (rates: ReadonlyMap<string, StoreRate>, { fromStorageId, toStorageId }: Link): StoreRate[] =>
  [fromStorageId, toStorageId].flatMap((id) => rates.get(id) ?? [])

function smallest(ends: readonly StoreRate[]): LinkFacts['limit'] {
  const set = ends.flatMap(({ cluster, limit, window, at }) => {
    if (limit === null) return []
    const opens = window === null || window.open ? null : { ...window, at }
    return [{ cluster, bytesPerSecond: limit, opens }]
  })
  return set.toSorted((a, b) => a.bytesPerSecond - b.bytesPerSecond)[0] ?? null
}
