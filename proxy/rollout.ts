// The change procedures over all streams, as a state machine: changes of the model, requests of Envoys and the time go
// in; what to send and how far each Envoy is come out. No gRPC, no timers, no clock.
import type { BucketRoute } from '../server/domain/route/routing-table.ts'
import type { ResourceCache } from './resource-cache.ts'
import type { RoutingModel } from './routing-model.ts'
import type { DeltaRequest, DeltaResponse } from './stream/delta-stream.ts'
import type { Progress } from './stream/progress.ts'
import { defaultSettings, type RolloutSettings } from './stream/state.ts'
import { createStreamRollout, type StreamRollout } from './stream/stream-rollout.ts'

export type Output =
  | { readonly kind: 'send'; readonly streamId: string; readonly response: DeltaResponse }
  | { readonly kind: 'progress'; readonly streamId: string; readonly progress: Progress }

export type Rollout = ReturnType<typeof createRollout>

export function createRollout(options: {
  readonly model: RoutingModel
  readonly cache: Pick<ResourceCache, 'version'>
  readonly settings?: Partial<RolloutSettings>
}) {
  const { model, cache } = options
  const settings = { ...defaultSettings, ...options.settings }
  const streams = new Map<string, { rollout: StreamRollout; reported: Progress | null }>()
  let ready = false
  /** That of the model when all streams were asked last. */
  let classesRevision = 0

  /** Those with few names to be looked at wait for none that has many, as one whose Envoy comes back with 100 000. */
  function fewestFirst(): string[] {
    const left = Array.from(streams, ([id, { rollout }]) => ({ id, names: rollout.toBeLookedAt() }))
    return left.sort((a, b) => a.names - b.names).map(({ id }) => id)
  }

  /**
   * What the streams have to say. `requested`: only that one has heard anything, so it alone is asked, unless its request freed
   * what others have to give up, or a start goes on. So an ACK costs the same, however many proxies there are.
   */
  function pump(now: number, requested?: string): Output[] {
    if (!ready) return []
    const { grown, wanted } = model.grow(now)
    const retired = model.retire(now)
    const isModelNew = grown.length > 0 || retired.length > 0 || model.classesRevision() !== classesRevision
    const ofAll = requested === undefined || isModelNew
    if (ofAll) classesRevision = model.classesRevision()
    const outputs: Output[] = []
    const allowance = { left: settings.scopesAtOnce }
    for (const streamId of ofAll ? fewestFirst() : [requested]) {
      const stream = streams.get(streamId)
      if (!stream) continue
      stream.rollout.grown(grown, wanted)
      stream.rollout.retired(retired)
      for (const response of stream.rollout.pump(now, allowance)) outputs.push({ kind: 'send', streamId, response })
      const progress = stream.rollout.progress()
      if (!progress || same(progress, stream.reported)) continue
      stream.reported = progress
      outputs.push({ kind: 'progress', streamId, progress })
    }
    return outputs
  }

  return {
    /** Nothing is sent before this: an Envoy that returns must not be told of a model that is not loaded yet. */
    ready(now: number): Output[] {
      ready = true
      return pump(now)
    },
    open(streamId: string, now: number) {
      streams.set(streamId, { rollout: createStreamRollout(model, cache, settings, now), reported: null })
    },
    close(streamId: string, now: number): Output[] {
      streams.get(streamId)?.rollout.close(now)
      streams.delete(streamId)
      return pump(now)
    },
    receive(streamId: string, request: DeltaRequest, now: number): Output[] {
      streams.get(streamId)?.rollout.receive(request, now)
      return pump(now, streamId)
    },
    setRoutes(routes: readonly BucketRoute[], now: number): Output[] {
      const { changed, wanted } = model.setRoutes(routes, now)
      for (const { rollout } of streams.values()) rollout.routesChanged(changed, wanted, now)
      return pump(now)
    },
    /** How many calls that stream's Envoy had lately. */
    paced(streamId: string, callsPerSecond: number, now: number): Output[] {
      return streams.get(streamId)?.rollout.paced(callsPerSecond) ? pump(now, streamId) : []
    },
    /** The model has changed in another way, or time has passed. */
    tick(now: number): Output[] {
      for (const { rollout } of streams.values()) rollout.tick(now)
      return pump(now)
    },
    /** When `tick` is due; null when only an event can change anything. */
    nextTick(now: number): number | null {
      if (!ready) return null
      const ofModel = [model.nextRetirement(), model.nextGrowth()].filter((time) => time !== null)
      let next = ofModel.length === 0 ? null : Math.min(...ofModel)
      for (const { rollout } of streams.values()) {
        const due = rollout.nextTick(now)
        if (due !== null) next = Math.min(next ?? due, due)
      }
      return next
    },
    progress: (streamId: string): Progress | null => streams.get(streamId)?.reported ?? null,
    resources: (streamId: string) => streams.get(streamId)?.rollout.resources() ?? [],
  }
}

const same = (a: Progress, b: Progress | null) =>
  b !== null && a.ackedThrough === b.ackedThrough && a.exceptions === b.exceptions
