// The pairs of stores between which objects are copied: what waits for each, and what movers carry over it now.

import { effectivePolicy } from '../../domain/policy/effective.ts'
import type { SourceReason } from '../../domain/replica/choose-source.ts'
import { type Amount, type LinkFacts, nothing } from '../../domain/waiting/why-waiting.ts'
import type { Sql } from '../core/pool.ts'
import { globalPolicyValues } from '../policies/policy-values.ts'
import { moversOf, servesLink } from './movers.ts'
import type { Link, Pause } from './pauses.ts'

export type LinkRecord = Link &
  LinkFacts & {
    readonly from: string
    readonly to: string
    readonly pause: Pause | null
    /** Why what came over it last came over it, of copies that could choose. */
    readonly whys: readonly SourceReason[]
    /** The fastest answers of both stores, added; null: none was measured lately. */
    readonly roundTripMs: number | null
    /** How many objects the movers that work on it take at once; null: none works on it. */
    readonly concurrency: number | null
    /** How many run that work on it. */
    readonly movers: number
  }

export const linkId = ({ fromStorageId, toStorageId }: Link): string => `${fromStorageId} ${toStorageId}`

/** A mover renews what it says every second; who has not for so long (seconds) does not count. */
const silentSeconds = 4

type Row = Omit<LinkRecord, 'pause' | 'waiting' | 'limit'> & {
  readonly pausedBy: string | null
  readonly pausedSince: Date | null
  readonly ends: readonly {
    readonly id: string
    readonly name: string
    readonly own: Readonly<Record<string, unknown>>
  }[]
}

/** SQL: a cluster with its own value of the limit, by its store. */
const endOf = (storage: string) => `(SELECT json_build_object('name', c.name, 'own', COALESCE(
  (SELECT json_object_agg(v.name, v.value) FROM policy_value v WHERE v.scope = 'cluster' AND v.scope_id = c.id), '{}'))
  FROM storage_deployment s JOIN cluster c ON c.id = s.cluster_id WHERE s.id = ${storage})`

export type LinkBacklog = Link & Amount

/** What waits for each link. Reads the whole queue of keys. */
export async function linkBacklogs(sql: Sql): Promise<LinkBacklog[]> {
  const { rows } = await sql.query<LinkBacklog>(
    `SELECT b.master_storage_id AS "fromStorageId", d.storage_id AS "toStorageId", sum(d.objects)::float8 AS objects,
       sum(d.bytes)::float8 AS bytes
     FROM (SELECT bucket_id, storage_id, count(*) AS objects, COALESCE(sum(size), 0) AS bytes FROM dirty_object
       WHERE lease_owner IS NULL AND since <= now() + interval '1 ms' GROUP BY 1, 2) d
     JOIN bucket b ON b.id = d.bucket_id GROUP BY 1, 2`,
  )
  return rows
}

/** In the order of the names of their stores. */
export async function listLinks(sql: Sql, backlogs: readonly LinkBacklog[]): Promise<LinkRecord[]> {
  const { rows } = await sql.query<Row>(
    `WITH flow AS (
       SELECT from_storage_id AS from_id, to_storage_id AS to_id, sum(moving) AS moving, sum(concurrency) AS concurrency,
         sum(bytes_per_second) AS bytes_per_second, min(round_trip_ms) AS round_trip_ms
       FROM link_flow WHERE seen_at > now() - make_interval(secs => $1) GROUP BY 1, 2
     ), pair AS (
       SELECT b.master_storage_id AS from_id, r.storage_id AS to_id FROM replica r JOIN bucket b ON b.id = r.bucket_id
       UNION SELECT from_storage_id, to_storage_id FROM link_pause
       UNION SELECT from_id, to_id FROM flow
       UNION SELECT source_storage_id, storage_id FROM replica WHERE wanted AND source_storage_id IS NOT NULL
     )
     SELECT p.from_id AS "fromStorageId", p.to_id AS "toStorageId", a.name AS from, z.name AS to, lp.actor AS "pausedBy", lp.since AS "pausedSince",
       COALESCE(f.moving, 0)::int AS moving, ${moversOf(servesLink('a.name', 'z.name'))} AS movers,
       f.concurrency::int AS concurrency, f.bytes_per_second AS "bytesPerSecond", f.round_trip_ms AS "roundTripMs",
       ARRAY(SELECT DISTINCT r.source_why FROM replica r WHERE r.storage_id = p.to_id AND r.source_storage_id = p.from_id
         AND r.wanted ORDER BY 1) AS whys,
       json_build_array(${endOf('p.from_id')}, ${endOf('p.to_id')}) AS ends
     FROM pair p JOIN storage_deployment a ON a.id = p.from_id JOIN storage_deployment z ON z.id = p.to_id
     LEFT JOIN link_pause lp ON lp.from_storage_id = p.from_id AND lp.to_storage_id = p.to_id
     LEFT JOIN flow f USING (from_id, to_id)
     ORDER BY a.name, z.name`,
    [silentSeconds],
  )
  const global = await globalPolicyValues(sql)
  const waiting = new Map(backlogs.map(({ objects, bytes, ...link }) => [linkId(link), { objects, bytes }]))
  return rows.map(({ pausedBy: by, pausedSince: since, ends, ...row }) => ({
    ...row,
    waiting: waiting.get(linkId(row)) ?? nothing,
    pause: by === null || since === null ? null : { by, since },
    limit: smallest(
      ends.map(({ name, own }) => ({ cluster: name, bytesPerSecond: limitOf({ global, cluster: own }) })),
    ),
  }))
}

const limitOf = (set: Parameters<typeof effectivePolicy>[1]): number | null =>
  effectivePolicy('bandwidth_limit', set).value

function smallest(
  limits: readonly { readonly cluster: string; readonly bytesPerSecond: number | null }[],
): LinkFacts['limit'] {
  const set = limits.flatMap(({ cluster, bytesPerSecond }) =>
    bytesPerSecond === null ? [] : [{ cluster, bytesPerSecond }],
  )
  return set.toSorted((a, b) => a.bytesPerSecond - b.bytesPerSecond)[0] ?? null
}
