// How far a stream's Envoy is with a table. The order of a change (make before break):
//   endpoints carry the class, ACKed -> pin, ACKed -> table, ACKed -> bucket's scope -> later, in reverse, the old.

import type { TableEntry } from '../model/route-tables.ts'
import { parseScopeName, parseTableName, pinScopeName, tableName } from '../resources/names.ts'
import { envoyPolicyOf } from '../resources/placement-classes.ts'
import type { StreamState } from './state.ts'

/** Whether all endpoints that Envoy has of this policy, for each kind of calls, have the table's placement class. */
export const hasClass = ({ classes, model }: StreamState, { table, since }: TableEntry) =>
  table !== null &&
  model.callKinds().every((kind) => classes.ackedRevision({ policy: envoyPolicyOf(table), kind }) >= since)

/**
 * Whether Envoy has the table as it is now, and its pin, so that it stays. By one of before, calls may still go to Envoy clusters
 * that are not kept for it any more, e.g. to those of gRPC when no deployment takes that.
 */
export const isLoaded = ({ stream, cache }: StreamState, { id }: TableEntry) =>
  stream.has('scope', pinScopeName(id)) && stream.has('table', tableName(id), cache.version('table', tableName(id)))

/** Envoy has ACKed a table, or its pin. With both, the scopes that waited for them can be sent; else the other is due. */
export function onLoaded(state: StreamState, name: string) {
  const entry = entryOf(state, name)
  if (!entry) return
  if (isLoaded(state, entry)) wakeWaiting(state, entry)
  else state.dirty.table.add(name)
}

/** A table need not change after all: what waited for its change can be sent. */
export function onUnchanged(state: StreamState, name: string) {
  const entry = entryOf(state, name)
  if (entry) wakeWaiting(state, entry)
}

function entryOf({ model }: StreamState, name: string): TableEntry | undefined {
  const id = parseTableName(name)
  return id === undefined ? undefined : model.tables.get(id)
}

function wakeWaiting({ tables, dirty }: StreamState, { id }: TableEntry) {
  for (const scope of tables.get(id)?.waiting ?? []) dirty.scope.add(scope)
}

/** Envoy refused a table, or its pin: the buckets that wait for it hear why. */
export function tellWaiting({ tables, progress }: StreamState, tableId: string, error: string) {
  for (const name of tables.get(tableId)?.waiting ?? []) {
    const scope = parseScopeName(name)
    if (scope && 'bucket' in scope) progress.nacked(scope.bucket, error)
  }
}
