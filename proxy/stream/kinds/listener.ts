// The listeners. The one that takes calls opens when Envoy has all scopes, so that no call meets an unknown bucket that is
// known here.
import { resourceNames } from '../../build-resources.ts'
import { ingressListener } from '../../resources/names.ts'
import type { StreamState } from '../state.ts'
import type { Kind } from './kind.ts'

function openIngress(state: StreamState, now: number) {
  const { openAt, progress, dirty } = state
  if (state.ingressOpen || openAt === null) return
  if (!progress.isComplete() && now < openAt) return
  state.ingressOpen = true
  dirty.listener.add(ingressListener)
}

export const listener: Kind = {
  fixed: resourceNames.listener,
  plan({ ingressOpen, cache }, name) {
    if (name === ingressListener && !ingressOpen) return undefined
    return cache.version('listener', name) ?? null
  },
  notice(state, matchHeader, now) {
    const { seen, model, dirty } = state
    if (seen.header !== matchHeader || seen.corsOrigins !== model.corsOrigins()) {
      seen.header = matchHeader
      seen.corsOrigins = model.corsOrigins()
      for (const name of resourceNames.listener) dirty.listener.add(name)
    }
    openIngress(state, now)
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
