// A pin: a scope that no call can name. It keeps a table in Envoy while no bucket's scope points at it yet, or any more.
import { pinScopeName, tableName } from '../../resources/names.ts'
import { scopeVersion } from '../../resources/scope.ts'
import { hasClass, onLoaded, tellWaiting } from '../loaded.ts'
import type { ScopeKind } from './scope-kind.ts'

export const pin: ScopeKind = {
  plan(state, id) {
    const entry = state.model.tables.get(id)
    if (!entry || entry.retired) return null
    if (entry.wanted === 0 && !state.stream.mayHave('scope', pinScopeName(id))) return undefined
    if (entry.table && !hasClass(state, entry)) return undefined
    return scopeVersion(entry.id)
  },
  waits({ awaitingClass, model }, id) {
    if ((model.tables.get(id)?.wanted ?? 0) > 0) awaitingClass.scope.add(pinScopeName(id))
  },
  sending({ tables }, id, _tableId, now) {
    tables.pinned(id, now)
  },
  /** Envoy drops the table together with its pin, and says so only later, by unsubscribing. */
  takingBack({ unpinning, stream }, id) {
    unpinning.add(id)
    stream.invalidate('table', tableName(id))
  },
  acked(state, id, tableId, _before, now) {
    if (tableId === null) {
      state.tables.unpinned(id, now)
      state.dirty.scope.add(pinScopeName(id))
      return
    }
    state.unpinning.delete(id)
    onLoaded(state, tableName(id))
  },
  refused(state, id, error) {
    tellWaiting(state, id, error)
  },
}
