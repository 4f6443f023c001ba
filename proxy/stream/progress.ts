// How far one stream's Envoy has followed the route changes.
import type { RouteException } from '../../server/domain/route/exception.ts'

export type Progress = {
  /** Every route change with a number up to this is ACKed, or its bucket is among the exceptions. */
  readonly ackedThrough: number
  readonly exceptions: readonly RouteException[]
}

type Outstanding = {
  latest: number
  acked: number
  readonly since: number
  state: 'pending' | 'behind' | 'nacked'
  error: string | undefined
}

type Change = { readonly number: number; readonly bucket: string; readonly initial: boolean }

/** More late buckets than this are no exceptions: the whole Envoy is late. */
const maxBehind = 1000

export type ProgressTracker = ReturnType<typeof createProgress>

/** `behindMs`: how long others wait for a change before its bucket becomes an exception. */
export function createProgress({ behindMs }: { behindMs: number }) {
  const outstanding = new Map<string, Outstanding>()
  /**
   * Changes in order of their numbers; the first that is neither ACKed nor an exception holds `ackedThrough` back. E.g.
   * with 7 ACKed, 8 pending and 9 ACKed, `ackedThrough` is 7.
   */
  let queue: Change[] = []
  /**
   * Buckets that differed when the stream began, and of which nothing has been ACKed or refused since. An Envoy that
   * starts from nothing has all buckets here, and takes no calls until the set is empty.
   */
  const initialPending = new Set<string>()
  let head = 0
  let initial = true
  let exceptions: readonly RouteException[] | null = []
  let excepted = 0

  const isPassed = ({ number, bucket }: Change) => {
    const state = outstanding.get(bucket)
    return !state || state.acked >= number || state.state !== 'pending'
  }

  function advance() {
    for (let first = queue[head]; first && isPassed(first); first = queue[head]) head++
    if (head < 1024 || head * 2 < queue.length) return
    queue = queue.slice(head)
    head = 0
  }

  function mark(state: Outstanding, to: Outstanding['state'], error?: string) {
    if (state.state === to && state.error === error) return
    if (state.state === 'pending') excepted++
    state.state = to
    state.error = error
    exceptions = null
  }

  return {
    /** `number` must be ACKed. Changes found when the stream began all hold `ackedThrough` at 0: their order is lost. */
    want(bucket: string, number: number, now: number) {
      const state = outstanding.get(bucket)
      if (!state) outstanding.set(bucket, { latest: number, acked: 0, since: now, state: 'pending', error: undefined })
      else {
        state.latest = number
        // Still an exception until an ACK: `ackedThrough` may have passed an earlier change of this bucket.
        if (state.state === 'nacked') mark(state, 'behind')
        else if (state.state === 'behind') exceptions = null
      }
      if (initial) initialPending.add(bucket)
      queue.push({ number: initial ? 1 : number, bucket, initial })
    },
    /** All that differed when the stream began has been wanted. */
    begun() {
      initial = false
    },
    /** The latest change of a bucket that is not ACKed. */
    latest: (bucket: string) => outstanding.get(bucket)?.latest,
    acked(bucket: string, number: number) {
      initialPending.delete(bucket)
      const state = outstanding.get(bucket)
      if (!state) return
      state.acked = Math.max(state.acked, number)
      if (state.acked < state.latest) return
      outstanding.delete(bucket)
      if (state.state === 'pending') return
      excepted--
      exceptions = null
    },
    nacked(bucket: string, error: string) {
      const state = outstanding.get(bucket)
      initialPending.delete(bucket)
      if (state) mark(state, 'nacked', error)
    },
    /** Makes exceptions of what is late. */
    tick(now: number) {
      const late: Outstanding[] = []
      for (const state of outstanding.values()) {
        if (state.since + behindMs > now) break
        if (state.state === 'pending') late.push(state)
        if (late.length > maxBehind) return
      }
      for (const state of late) mark(state, 'behind')
    },
    /** When `tick` has something to do; null when nothing is outstanding. */
    nextTick(now: number): number | null {
      if (outstanding.size === excepted) return null
      for (const state of outstanding.values()) {
        // What is late and no exception yet is one of too many: look again later.
        if (state.state === 'pending') return Math.max(state.since + behindMs, now + behindMs / 2)
      }
      return null
    },
    /** Whether all that differed at the beginning is ACKed or an exception. */
    hasCaughtUp() {
      advance()
      return !initial && queue[head]?.initial !== true
    },
    /** The same, but a bucket that is merely late (an exception of state `behind`) still counts as missing. */
    isComplete: () => !initial && initialPending.size === 0,
    /** `highest`: the highest route number that exists. */
    report(highest: number): Progress {
      advance()
      exceptions ??= [...outstanding].flatMap(([bucket, { latest, state, error }]) =>
        state === 'pending' ? [] : [{ bucket, number: latest, state, ...(error === undefined ? {} : { error }) }],
      )
      const first = queue[head]
      return { ackedThrough: initial ? 0 : first ? first.number - 1 : highest, exceptions }
    },
  }
}
