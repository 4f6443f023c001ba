// What Envoys tell of their calls: each call is handed on, and how many each Envoy has says how it should tell of them.
import type { ToldCall } from '../../server/domain/calls/tally.ts'
import type { RoutingModel } from '../routing-model.ts'
import { createHosts } from './hosts.ts'
import type { LogMessage } from './log-message.ts'
import { createPaces } from './paces.ts'
import { readLine } from './read-line.ts'

/** `connectedAt`: by the same `now`. */
type Streams = ReadonlyMap<string, { readonly nodeId: string; readonly connectedAt: number }>

export function createToldCalls(deps: {
  readonly model: Pick<RoutingModel, 'routes' | 'endpoints'>
  /** Those that are open here, by id. */
  readonly streams: Streams
  /** Milliseconds that never go back. */
  readonly now: () => number
  /** How long calls are counted before a pace is told. */
  readonly paceMs: number
  readonly called: (calls: readonly ToldCall[]) => void
  readonly paced: (streamId: string, callsPerSecond: number, at: number) => void
}) {
  const { model, streams, now, paceMs } = deps
  const known = {
    tableOf: (bucket: string) => model.routes.get(bucket)?.entry.table,
    ...createHosts(model.endpoints),
  }
  const paces = createPaces(now)

  function tellPaces() {
    const [paceOf, at] = [paces.take(), now()]
    for (const [streamId, { nodeId, connectedAt }] of streams) {
      // Of one that came since, only a part was counted.
      if (at - connectedAt >= paceMs) deps.paced(streamId, paceOf(nodeId), at)
    }
  }
  const pacing = setInterval(tellPaces, paceMs).unref()

  return {
    told({ nodeId, lines }: LogMessage) {
      const calls = lines.flatMap((line) => readLine(line, known) ?? [])
      deps.called(calls)
      if (nodeId === undefined || ![...streams.values()].some((node) => node.nodeId === nodeId)) return
      for (const { weight } of calls) paces.add(nodeId, weight)
    },
    /** May be called twice. */
    stop: () => clearInterval(pacing),
  }
}
