// What one stream's Envoy is told, and when. Every name that may differ is in a dirty set. A step plans each dirty name
// against the model: send it, take it back, nothing to do, or not yet. What is "not yet" is made dirty again by the event
// that it waits for, so the work of a change is that of its names, however many buckets there are.
//   notice  what is made from something else than before
//   events  what a request says: ACKed, refused, asked for; who is to be looked at again
//   send    the next response, out of the names that may differ
//   kinds/  for each kind of resource: what should be in Envoy under a name, whether its time has come, what follows from its ACK
//   state   what is remembered; tables, progress and quarantine are parts of it, delta-stream the protocol below
import { nextTelling } from '../../server/domain/calls/telling.ts'
import type { TableEntry } from '../model/route-tables.ts'
import type { ResourceCache } from '../resource-cache.ts'
import { bucketScopeName, pinScopeName, tableName } from '../resources/names.ts'
import { runtimeLayer } from '../resources/runtime.ts'
import type { RoutingModel } from '../routing-model.ts'
import { type ResourceType, resourceTypes } from '../type-urls.ts'
import type { DeltaRequest, DeltaResponse } from './delta-stream.ts'
import { onEvent } from './events.ts'
import { kinds } from './kinds/kinds.ts'
import { notice } from './notice.ts'
import type { Progress } from './progress.ts'
import { type Allowance, nextResponse, toBeLookedAt } from './send.ts'
import {
  awaitScopes,
  createStreamState,
  endResume,
  type RolloutSettings,
  type StreamState,
  wantBucket,
} from './state.ts'

export type StreamRollout = ReturnType<typeof createStreamRollout>

export function createStreamRollout(
  model: RoutingModel,
  cache: Pick<ResourceCache, 'version'>,
  settings: RolloutSettings,
  openedAt: number,
) {
  const state = createStreamState(model, cache, settings, openedAt)
  const { stream, dirty, progress, tables } = state

  /** No route wanted them before. */
  function tablesWanted(wanted: readonly TableEntry[]) {
    for (const { id } of wanted) {
      dirty.scope.add(pinScopeName(id))
      // A returning Envoy may have asked for it, and been told that it does not exist.
      dirty.table.add(tableName(id))
    }
  }

  return {
    receive(request: DeltaRequest, now: number) {
      for (const event of stream.receive(request)) onEvent(state, event, now)
    },
    /** `wanted`: tables that no route wanted before. */
    routesChanged(changes: readonly { bucket: string; number: number }[], wanted: readonly TableEntry[], now: number) {
      if (!stream.isSubscribed('scope')) return
      tablesWanted(wanted)
      for (const { bucket, number } of changes) wantBucket(state, bucket, bucketScopeName(bucket), number, now)
    },
    /** Clusters of these buckets that start get more now: no change that anybody waits for. */
    grown(buckets: readonly string[], wanted: readonly TableEntry[]) {
      if (!stream.isSubscribed('scope')) return
      tablesWanted(wanted)
      for (const bucket of buckets) dirty.scope.add(bucketScopeName(bucket))
    },
    /** How many calls its Envoy had lately. Whether that changes how it tells of them. */
    paced(callsPerSecond: number): boolean {
      const telling = nextTelling(state.telling, callsPerSecond, settings)
      if (telling === state.telling) return false
      state.telling = telling
      dirty.runtime.add(runtimeLayer)
      return true
    },
    /** Nobody needs these tables any more. */
    retired(entries: readonly TableEntry[]) {
      for (const { id } of entries) dirty.scope.add(pinScopeName(id))
    },
    /** All that can be said now and found within the allowance, clusters first. Where more is to be looked at, a tick is due. */
    pump(now: number, allowance: Allowance): DeltaResponse[] {
      notice(state)
      for (const type of resourceTypes) kinds[type].prepare?.(state, now)
      const responses = resourceTypes.flatMap((type) => nextResponse(state, type, now, allowance) ?? [])
      if (toBeLookedAt(state) > 0) awaitScopes(state, now)
      return responses
    },
    /** Names of which there are many. */
    toBeLookedAt: () => toBeLookedAt(state),
    tick(now: number) {
      progress.tick(now)
      for (const type of resourceTypes) kinds[type].tick?.(state, now)
      if (state.resumeUntil !== null && now >= state.resumeUntil) endResume(state)
    },
    nextTick(now: number): number | null {
      if (toBeLookedAt(state) > 0) return now
      const ofKinds = resourceTypes.map((type) => kinds[type].nextTick?.(state) ?? null)
      const times = [progress.nextTick(now), state.resumeUntil, ...ofKinds].filter((time) => time !== null)
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
