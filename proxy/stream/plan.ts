// What should be in Envoy under a name, and whether its time has come. The order of a change (make before break):
//   endpoints carry the class, ACKed -> pin scope, ACKed -> table, ACKed -> bucket's scope -> later, in reverse, the old.
import { ingressListener, parseScopeName, parseTableName, pinScopeName, tableName } from '../resources/names.ts'
import { scopeVersion } from '../resources/scope.ts'
import type { TableEntry } from '../routing-model.ts'
import type { ResourceType } from '../type-urls.ts'
import type { StreamState } from './state.ts'

/** A version to send; null: it must not exist; undefined: not yet. */
export type Plan = string | null | undefined

export function plan(state: StreamState, type: ResourceType, name: string): Plan {
  const { stream, cache } = state
  switch (type) {
    case 'scope':
      return planScope(state, name)
    case 'table':
      return planTable(state, name)
    case 'listener':
      if (name === ingressListener && !state.ingressOpen) return undefined
      return cache.version('listener', name) ?? null
    default:
      // Other endpoints before Envoy has said what it routes by could drop a class that it uses.
      if (state.resumeUntil !== null && stream.has(type, name)) return undefined
      return cache.version(type, name) ?? null
  }
}

function planTable(state: StreamState, name: string): Plan {
  const id = parseTableName(name)
  const entry = id === undefined ? undefined : state.model.tables.get(id)
  // E.g. after a restart of FaDO, a table that it has forgotten and Envoy still routes by: Envoy keeps it as it is.
  if (!entry?.table) return state.stream.has('table', name) ? undefined : null
  if (state.unpinning.has(entry.id) || !hasClass(state, entry)) return undefined
  return state.cache.version('table', name) ?? null
}

function planScope(state: StreamState, name: string): Plan {
  const scope = parseScopeName(name)
  if (!scope) return null
  if ('pin' in scope) return planPin(state, name, scope.pin)
  const route = state.model.routes.get(scope.bucket)
  if (!route) return null
  const { entry } = route
  return isLoaded(state, entry) && hasClass(state, entry) ? scopeVersion(entry.id) : undefined
}

function planPin(state: StreamState, name: string, id: string): Plan {
  const entry = state.model.tables.get(id)
  if (!entry || entry.retired) return null
  if (entry.wanted === 0 && !state.stream.mayHave('scope', name)) return undefined
  if (entry.table && !hasClass(state, entry)) return undefined
  return scopeVersion(entry.id)
}

/** Whether all endpoints that Envoy has of this policy have the table's placement class. */
const hasClass = ({ classes }: StreamState, { table, since }: TableEntry) =>
  table !== null && classes.ackedRevision(table.lbPolicy) >= since

/** Whether Envoy has the table, and its pin, so that it stays. */
export const isLoaded = ({ stream }: StreamState, { id }: TableEntry) =>
  stream.has('table', tableName(id)) && stream.has('scope', pinScopeName(id))
