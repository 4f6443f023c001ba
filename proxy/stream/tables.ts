// Which route tables one stream's Envoy may know of or route by, and who waits for them.

import type { TableEntry } from '../model/route-tables.ts'
import { parseScopeName } from '../resources/names.ts'
import { tableIdOfVersion } from '../resources/scope.ts'
import type { RoutingModel } from '../routing-model.ts'

export type StreamTable = {
  readonly entry: TableEntry
  /** Bucket scopes that point, or may point, at it. */
  scopes: number
  /** Its pin is in Envoy, or may be. */
  pinned: boolean
  /** Envoy asks for the table. */
  subscribed: boolean
  /** Scopes that are sent when Envoy has the table. */
  readonly waiting: Set<string>
}

export type StreamTables = ReturnType<typeof createStreamTables>

export function createStreamTables(model: RoutingModel) {
  const tables = new Map<string, StreamTable>()
  /**
   * Bucket scope -> tables that Envoy may route it by besides the one it has ACKed, because a response is unanswered. E.g.
   * `bucket/photos` was ACKed with table A and then sent with B: until the ACK of B, calls may go by A or by B.
   */
  const inFlight = new Map<string, Set<string>>()

  /** Scope -> the table that it waits for. */
  const waits = new Map<string, string>()

  function open(id: string, now: number): StreamTable {
    const existing = tables.get(id)
    if (existing) return existing
    const entry = model.entryOf(id)
    const table = { entry, scopes: 0, pinned: false, subscribed: false, waiting: new Set<string>() }
    tables.set(id, table)
    model.count(entry, 'present', 1, now)
    return table
  }

  function release(table: StreamTable, now: number) {
    if (table.scopes > 0 || table.pinned || table.subscribed || table.waiting.size > 0) return
    tables.delete(table.entry.id)
    model.count(table.entry, 'present', -1, now)
  }

  function addScope(id: string, now: number) {
    const table = open(id, now)
    table.scopes++
    if (table.scopes === 1) model.count(table.entry, 'serving', 1, now)
  }

  function removeScope(id: string, now: number) {
    const table = tables.get(id)
    if (!table) return
    table.scopes--
    if (table.scopes === 0) model.count(table.entry, 'serving', -1, now)
    release(table, now)
  }

  function stopWaiting(name: string, now: number) {
    const table = tables.get(waits.get(name) ?? '')
    waits.delete(name)
    if (!table) return
    table.waiting.delete(name)
    release(table, now)
  }

  return {
    get: (id: string) => tables.get(id),

    /** Envoy reports a scope from an earlier stream. */
    found(name: string, version: string, now: number) {
      const scope = parseScopeName(name)
      if (!scope) return
      if ('bucket' in scope) addScope(tableIdOfVersion(version), now)
      else open(scope.pin, now).pinned = true
    },

    subscribed(id: string, now: number) {
      open(id, now).subscribed = true
    },
    unsubscribed(id: string, now: number) {
      const table = tables.get(id)
      if (!table) return
      table.subscribed = false
      release(table, now)
    },

    pinned(id: string, now: number) {
      open(id, now).pinned = true
    },
    unpinned(id: string, now: number) {
      const table = tables.get(id)
      if (!table) return
      table.pinned = false
      release(table, now)
    },

    /** The scope waits for this table, and for no other any more. */
    wait(id: string, name: string, now: number) {
      const before = waits.get(name)
      if (before === id) return
      stopWaiting(name, now)
      waits.set(name, id)
      open(id, now).waiting.add(name)
    },
    stopWaiting,

    /** A bucket's scope is sent with this table: Envoy may route by it from now on. */
    sent(name: string, id: string, known: string | undefined, now: number) {
      if (known === id) return
      const ids = inFlight.get(name) ?? new Set()
      if (ids.has(id)) return
      inFlight.set(name, ids.add(id))
      addScope(id, now)
    },
    /** Envoy routes the bucket by `id` now and by nothing else; null = not at all. */
    acked(name: string, id: string | null, before: string | undefined, now: number) {
      const ids = inFlight.get(name) ?? new Set()
      inFlight.delete(name)
      if (before !== undefined && before !== id) ids.add(before)
      if (id !== null) ids.delete(id)
      for (const old of ids) removeScope(old, now)
    },

    /** The stream has ended; its Envoy may go on routing by what it has. */
    close(now: number) {
      inFlight.clear()
      waits.clear()
      for (const table of tables.values()) {
        if (table.scopes > 0) model.count(table.entry, 'serving', -1, now, true)
        model.count(table.entry, 'present', -1, now)
      }
      tables.clear()
    },
  }
}
