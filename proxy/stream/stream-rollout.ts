// What one stream's Envoy is told, and when. Every name that may differ is in a dirty set. A step plans each dirty name
// against the model: send it, take it back, nothing to do, or not yet. What is "not yet" is made dirty again by the event
// that it waits for, so the work of a change is that of its names, however many buckets there are.
//   events  what a request says: ACKed, refused, asked for; who is to be looked at again
//   plan    what should be in Envoy under a name, and whether its time has come
//   send    the next response, out of the names that may differ
//   state   what is remembered; tables, progress and quarantine are parts of it, delta-stream the protocol below
import { resourceNames } from '../build-resources.ts'
import type { ResourceCache } from '../resource-cache.ts'
import { bucketScopeName, ingressListener, parseEndpointsName, pinScopeName, tableName } from '../resources/names.ts'
import type { RoutingModel, TableEntry } from '../routing-model.ts'
import { type ResourceType, resourceTypes } from '../type-urls.ts'
import type { DeltaRequest, DeltaResponse } from './delta-stream.ts'
import { endResume, onEvent } from './events.ts'
import type { Progress } from './progress.ts'
import { nextResponse } from './send.ts'
import { createStreamState, type RolloutSettings, type StreamState, wantBucket } from './state.ts'

export type StreamRollout = ReturnType<typeof createStreamRollout>

export function createStreamRollout(
  model: RoutingModel,
  cache: Pick<ResourceCache, 'version'>,
  settings: RolloutSettings,
  openedAt: number,
) {
  const state = createStreamState(model, cache, settings, openedAt)
  const { stream, dirty, progress, quarantine, tables } = state
  const seen = { feature: '', header: '', corsOrigins: model.corsOrigins(), revisions: new Map<string, number>() }

  /** The model says by few numbers whether anything but routes has changed. */
  function noticeModel(matchHeader: string) {
    if (seen.feature !== model.feature()) {
      seen.feature = model.feature()
      for (const name of resourceNames.cluster) dirty.cluster.add(name)
    }
    if (seen.header !== matchHeader || seen.corsOrigins !== model.corsOrigins()) {
      seen.header = matchHeader
      seen.corsOrigins = model.corsOrigins()
      for (const name of resourceNames.listener) dirty.listener.add(name)
    }
    for (const name of stream.names('endpoints')) {
      const policy = parseEndpointsName(name)?.policy
      if (!policy || seen.revisions.get(name) === model.revision(policy)) continue
      seen.revisions.set(name, model.revision(policy))
      dirty.endpoints.add(name)
    }
  }

  function openIngress(now: number) {
    if (state.ingressOpen || state.openAt === null) return
    if (!progress.isComplete() && now < state.openAt) return
    state.ingressOpen = true
    dirty.listener.add(ingressListener)
  }

  function retryListener(now: number) {
    if (state.listenerRetryAt === null || now < state.listenerRetryAt) return
    state.listenerRetryAt = null
    for (const name of [...quarantine.listener.refused.keys()]) {
      quarantine.listener.release(name)
      dirty.listener.add(name)
    }
  }

  return {
    receive(request: DeltaRequest, now: number) {
      for (const event of stream.receive(request)) onEvent(state, event, now)
    },
    /** `wanted`: tables that no route wanted before. */
    routesChanged(changes: readonly { bucket: string; number: number }[], wanted: readonly TableEntry[], now: number) {
      if (!stream.isSubscribed('scope')) return
      for (const { id } of wanted) {
        dirty.scope.add(pinScopeName(id))
        // A returning Envoy may have asked for it, and been told that it does not exist.
        dirty.table.add(tableName(id))
      }
      for (const { bucket, number } of changes) wantBucket(state, bucket, bucketScopeName(bucket), number, now)
    },
    /** Nobody needs these tables any more. */
    retired(entries: readonly TableEntry[]) {
      for (const { id } of entries) dirty.scope.add(pinScopeName(id))
    },
    /** All that can be said now, clusters first. */
    pump(matchHeader: string, now: number): DeltaResponse[] {
      noticeModel(matchHeader)
      openIngress(now)
      return resourceTypes.flatMap((type) => nextResponse(state, type, now) ?? [])
    },
    tick(now: number) {
      progress.tick(now)
      retryListener(now)
      if (state.resumeUntil !== null && now >= state.resumeUntil) endResume(state)
    },
    nextTick(now: number): number | null {
      const openAt = state.ingressOpen ? null : state.openAt
      const times = [progress.nextTick(now), state.listenerRetryAt, state.resumeUntil, openAt].filter(
        (time) => time !== null,
      )
      return times.length === 0 ? null : Math.min(...times)
    },
    /** null until the stream has all scopes that it lacked when it began, or is known to be refusing some. */
    progress(): Progress | null {
      const report = progress.report(model.highest())
      return progress.hasCaughtUp() || report.exceptions.length > 0 ? report : null
    },
    close: (now: number) => tables.close(now),
    resources: () => resourcesOf(state),
  }
}

/** One resource as this Envoy has it, or should. */
export type StreamResource = {
  readonly type: ResourceType
  readonly name: string
  readonly version: string
  readonly state: 'ACKED' | 'NACKED' | 'PENDING'
  readonly error: string | null
}

/** Lazily: there may be 100 000 scopes. */
function* resourcesOf({ stream, quarantine, dirty }: StreamState): Generator<StreamResource> {
  for (const type of resourceTypes) {
    const { refused } = quarantine[type]
    const inFlight = stream.inFlight(type)?.resources
    for (const [name, { version, error }] of refused) yield { type, name, version, state: 'NACKED', error }
    for (const [name, version] of inFlight ?? [])
      if (!refused.has(name)) yield { type, name, version, state: 'PENDING', error: null }
    for (const [name, version] of stream.known(type)) {
      if (refused.has(name) || inFlight?.has(name)) continue
      yield { type, name, version, state: dirty[type].has(name) ? 'PENDING' : 'ACKED', error: null }
    }
  }
}
