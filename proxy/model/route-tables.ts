// The route tables that routes and Envoys need: each is made once, and kept for as long as anything may go by it.
import { contentId } from '../../server/content-id.ts'
import type { RouteTable } from '../../server/domain/route/routing-table.ts'
import { classesOf, envoyPolicyOf } from '../resources/placement-classes.ts'
import type { EnvoyTable } from '../resources/starting.ts'
import type { ClassesByPolicy } from './policy-classes.ts'

/** A route table with all that needs it. */
export type TableEntry = {
  readonly id: string
  /** null: an Envoy names it, but nobody has said what is in it. */
  table: EnvoyTable | null
  /** The first revision of its policy's endpoints that has all of its placement classes. */
  since: number
  /** Routes that point at it. */
  wanted: number
  /** Streams on which a bucket's scope points, or may point, at it. */
  serving: number
  /** Streams whose Envoy may know of it at all: by a scope, a pin or a subscription. */
  present: number
  /** Not withdrawn before this time, in milliseconds. */
  keepUntil: number
  /** Nobody needs it: it is being withdrawn. */
  retired: boolean
}

export type KeepTimes = {
  /** How long a table stays in Envoy after its last use, in milliseconds: calls under way may still try again by it. */
  readonly retireMs: number
  /** How long the tables of an Envoy that went away are kept for its return, in milliseconds. */
  readonly leaseMs: number
}

const tableContent = ({ callers, ...table }: EnvoyTable): EnvoyTable => ({
  ...table,
  clusters: [...new Set(table.clusters)].sort(),
  ...(callers ? { callers: [...new Set(callers)].sort() } : {}),
})

export type RouteTables = ReturnType<typeof createRouteTables>

export function createRouteTables({ retireMs, leaseMs }: KeepTimes, { ofPolicy }: Pick<ClassesByPolicy, 'ofPolicy'>) {
  const tables = new Map<string, TableEntry>()
  const tableIds = new Map<string, string>()
  const idle = new Set<TableEntry>()
  /**
   * Retired, and no Envoy knows of them any more. They are dropped between two rounds of sending, never within one: the classes
   * of what is just being sent would go with them.
   */
  const gone = new Set<TableEntry>()
  /** None of them is due before this time. */
  let idleUntil = Number.POSITIVE_INFINITY

  /** The same as hashing each time, at the price of a look-up: most routes share few tables. */
  function idOf(table: EnvoyTable): string {
    const key = JSON.stringify(table)
    const id = tableIds.get(key) ?? contentId(tableContent(table))
    tableIds.set(key, id)
    return id
  }

  /** The entry of a table with this content; made when there is none. */
  function intern(table: EnvoyTable): TableEntry {
    const entry = entryOf(idOf(table))
    if (entry.table) return entry
    entry.table = tableContent(table)
    const classes = ofPolicy(envoyPolicyOf(entry.table))
    entry.since = Math.max(...Array.from(classesOf(entry.table), ([id, placement]) => classes.add(id, placement)))
    return entry
  }

  function entryOf(id: string): TableEntry {
    const known = tables.get(id)
    if (known) return known
    const unused = { wanted: 0, serving: 0, present: 0, keepUntil: 0, retired: false }
    const entry: TableEntry = { id, table: null, since: 0, ...unused }
    tables.set(id, entry)
    return entry
  }

  /** Keeps a table for at least `keepMs` from now; the time counts when nothing needs it any more. */
  function retain(entry: TableEntry, now: number, keepMs: number) {
    entry.retired = false
    // Also while it is needed here: an Envoy that went away may need it longer.
    entry.keepUntil = Math.max(entry.keepUntil, now + keepMs)
    if (entry.wanted > 0 || entry.serving > 0) {
      idle.delete(entry)
      return
    }
    idle.add(entry)
    idleUntil = Math.min(idleUntil, entry.keepUntil)
  }

  const isGone = ({ retired, present }: TableEntry) => retired && present === 0

  function drop(entry: TableEntry) {
    tables.delete(entry.id)
    for (const [key, id] of tableIds) if (id === entry.id) tableIds.delete(key)
    idle.delete(entry)
    if (!entry.table) return
    const classes = ofPolicy(envoyPolicyOf(entry.table))
    for (const id of classesOf(entry.table).keys()) classes.remove(id)
  }

  return {
    tables: tables as ReadonlyMap<string, TableEntry>,

    /** A route points at a table with this content from now on. `isNew`: none did before. */
    want(table: EnvoyTable, now: number): { readonly entry: TableEntry; readonly isNew: boolean } {
      const entry = intern(table)
      const isNew = entry.wanted === 0
      entry.wanted++
      retain(entry, now, retireMs)
      return { entry, isNew }
    },
    /** That route points at it no more. */
    unwant(entry: TableEntry, now: number) {
      entry.wanted--
      retain(entry, now, retireMs)
    },

    /** Contents of tables that Envoys may still route by although no route wants them. */
    remember(contents: readonly RouteTable[], now: number) {
      for (const table of contents) retain(intern(table), now, leaseMs)
    },

    /** The entry of a table that an Envoy names; made when it is unknown. */
    entryOf,

    /** A stream's Envoy begins (+1) or ceases (-1) to know of a table, or to route buckets by it. */
    count(entry: TableEntry, what: 'serving' | 'present', step: 1 | -1, now: number, lost = false) {
      entry[what] += step
      if (what === 'serving') retain(entry, now, lost ? leaseMs : retireMs)
      else if (!idle.has(entry)) retain(entry, now, retireMs)
      if (isGone(entry)) gone.add(entry)
    },

    /** Before each round of sending. Returns the tables that are to be withdrawn from now on. */
    retire(now: number): TableEntry[] {
      for (const entry of gone) if (isGone(entry)) drop(entry)
      gone.clear()
      if (now < idleUntil) return []
      const due = [...idle].filter((entry) => !entry.retired && entry.keepUntil <= now)
      for (const entry of due) {
        entry.retired = true
        if (isGone(entry)) drop(entry)
      }
      idleUntil = Number.POSITIVE_INFINITY
      for (const { retired, keepUntil } of idle) if (!retired) idleUntil = Math.min(idleUntil, keepUntil)
      return due
    },

    /** When `retire` may have something to do; 0: at once. */
    nextRetirement(): number | null {
      if (gone.size > 0) return 0
      return Number.isFinite(idleUntil) ? idleUntil : null
    },
  }
}
