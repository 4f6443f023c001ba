// Route tables. Envoy asks for one when it gets the first scope that points at it, and drops it with the last.
import { parseTableName, pinScopeName } from '../../resources/names.ts'
import { hasClass, onLoaded, onUnchanged, tellWaiting } from '../loaded.ts'
import type { StreamState } from '../state.ts'
import type { Kind } from './kind.ts'

function onAsked(state: StreamState, name: string, first: boolean, now: number) {
  const id = parseTableName(name)
  if (id === undefined) return
  // Envoy sent this before it heard that the pin is taken back: it will drop the table and unsubscribe after all.
  const early = first || state.stream.inFlight('scope')?.removed.has(pinScopeName(id))
  if (early && state.unpinning.has(id)) state.stream.invalidate('table', name)
  else state.unpinning.delete(id)
  state.tables.subscribed(id, now)
}

export const table: Kind = {
  plan(state, name) {
    const id = parseTableName(name)
    const entry = id === undefined ? undefined : state.model.tables.get(id)
    // E.g. after a restart of FaDO, a table that it has forgotten and Envoy still routes by: Envoy keeps it as it is.
    if (!entry?.table) return state.stream.has('table', name) ? undefined : null
    if (state.unpinning.has(entry.id) || !hasClass(state, entry)) return undefined
    return state.cache.version('table', name) ?? null
  },
  /** What tables say of callers that they name is known when those are; calls of gRPC have a route while somebody takes them. */
  madeFrom: (model) => [model.callers(), model.forAllCalls().authority, model.callKinds()],
  waits({ awaitingClass }, name) {
    awaitingClass.table.add(name)
  },
  settled: onUnchanged,
  asked(state, { names, known, first }, now) {
    for (const name of [...known.keys(), ...names]) onAsked(state, name, first, now)
    for (const name of known.keys()) onLoaded(state, name)
  },
  dropped(state, name, now) {
    const id = parseTableName(name)
    if (id === undefined) return
    state.unpinning.delete(id)
    state.tables.unsubscribed(id, now)
  },
  acked(state, { resources }) {
    for (const name of resources.keys()) onLoaded(state, name)
  },
  refused(state, name, error) {
    const id = parseTableName(name)
    if (id !== undefined) tellWaiting(state, id, error)
  },
}
