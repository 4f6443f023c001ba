// How far a stream's Envoy is with a table. The order of a change (make before break):
//   endpoints carry the class, ACKed -> pin, ACKed -> table, ACKed -> bucket's scope -> later, in reverse, the old.

import type { TableEntry } from '../model/route-tables.ts'
import { parseScopeName, parseTableName, pinScopeName, tableName } from '../resources/names.ts'
import { servedBy } from '../resources/placement-classes.ts'
import type { StreamState } from './state.ts'

/** Whether all endpoints that Envoy has of this policy, for each kind of calls, have the table's placement class. */
export const hasClass = ({ classes, model }: StreamState, { table, since }: TableEntry) =>
  table !== null && model.callKinds().every((kind) => classes.ackedRevision({ policy: servedBy(table), kind }) >= since)

/** Whether Envoy has the table, and its pin, so that it stays. */
export const isLoaded = ({ stream }: StreamState, { id }: TableEntry) =>
  stream.has('table', tableName(id)) && stream.has('scope', pinScopeName(id))

/** Envoy has ACKed a table, or its pin. With both, the scopes that waited for them can be sent; else the other is due. */
export function onLoaded(state: StreamState, name: string, now: number) {
  const id = parseTableName(name)
  const entry = id === undefined ? undefined : state.model.tables.get(id)
  if (!entry) return
  if (isLoaded(state, entry)) for (const scope of state.tables.takeWaiting(entry.id, now)) state.dirty.scope.add(scope)
  else state.dirty.table.add(name)
}

/** Envoy refused a table, or its pin: the buckets that wait for it hear why. */
export function tellWaiting({ tables, progress }: StreamState, tableId: string, error: string) {
  for (const name of tables.get(tableId)?.waiting ?? []) {
    const scope = parseScopeName(name)
    if (scope && 'bucket' in scope) progress.nacked(scope.bucket, error)
  }
}
