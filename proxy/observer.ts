// What a routing proxy tells of its Envoys.
import type { ToldCall } from '../server/domain/calls/tally.ts'
import type { RouteException } from '../server/domain/route/exception.ts'
import type { Answer } from './answer-times.ts'

/** Called in the tick of the event that it tells of. It must not throw and should only note what it is told. */
export type ProxyObserver = {
  readonly connected: (event: {
    streamId: string
    nodeId: string
    /** null when the client does not say. */
    envoyVersion: string | null
    /** By the proxy's `now`. */
    at: number
  }) => void
  readonly disconnected: (event: { streamId: string; nodeId: string }) => void
  /**
   * Every route change with a number up to `ackedThrough` is ACKed by this stream, or its bucket is in `exceptions`. It
   * comes first when the stream has all that it lacked at its beginning, and then whenever one of the two changes;
   * `exceptions` is the same array as before when they did not.
   */
  readonly progress: (event: {
    streamId: string
    nodeId: string
    ackedThrough: number
    exceptions: readonly RouteException[]
  }) => void
  /** A response was ACKed or refused. */
  readonly answered?: (answer: Answer) => void
  /** Calls that ended. Absent: Envoys tell nothing of them. */
  readonly called?: (calls: readonly ToldCall[]) => void
}
