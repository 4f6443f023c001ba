// The listeners. Those that take calls open when Envoy has all scopes, so that no call meets an unknown bucket that is
// known here.
import { ingressListener, listeners, warmingListener } from '../../resources/names.ts'
import type { StreamState } from '../state.ts'
import type { Kind } from './kind.ts'

function openIngress(state: StreamState, now: number) {
  const { openAt, progress, dirty } = state
  if (state.ingressOpen || openAt === null) return
  if (!progress.isComplete() && now < openAt) return
  state.ingressOpen = true
  for (const name of listeners) dirty.listener.add(name)
}

/** Calls may ask for their function only of endpoints that are labelled with theirs. */
const areLabelled = ({ model, classes }: StreamState) =>
  !model.forAllCalls().byFunction ||
  [...model.policies.keys()].every((policy) =>
    model.callKinds().every((kind) => classes.ackedRevision({ policy, kind }) >= model.labelledSince(policy)),
  )

export const listener: Kind = {
  unasked: () => listeners,
  plan(state, name) {
    const { ingressOpen, cache } = state
    if (name !== warmingListener && !ingressOpen) return undefined
    if (!areLabelled(state)) return undefined
    return cache.version('listener', name) ?? null
  },
  madeFrom: (model) => [model.forAllCalls()],
  prepare: openIngress,
  waits(state, name) {
    if (!areLabelled(state)) state.awaitingClass.listener.add(name)
  },
  asked(state, { known }) {
    state.ingressOpen ||= known.has(ingressListener)
  },
  /** Its port may become free. */
  refused(state, _name, _error, now) {
    state.listenerRetryAt = now + state.settings.retryMs
  },
  tick(state, now) {
    const { listenerRetryAt, quarantine, dirty } = state
    if (listenerRetryAt === null || now < listenerRetryAt) return
    state.listenerRetryAt = null
    for (const name of [...quarantine.listener.refused.keys()]) {
      quarantine.listener.release(name)
      dirty.listener.add(name)
    }
  },
  nextTick({ listenerRetryAt, ingressOpen, openAt }) {
    const times = [listenerRetryAt, ingressOpen ? null : openAt].filter((time) => time !== null)
    return times.length === 0 ? null : Math.min(...times)
  },
}
