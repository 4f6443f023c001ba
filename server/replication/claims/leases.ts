// Leases of this process on rows: prolonged while the work goes on, and the work is aborted well before they can end. Time
// is counted from before the request that took or prolonged the lease was sent, and goes on while the machine sleeps.
import { Interrupted } from '../interrupted.ts'
import { type Moment, msSince, thisMoment } from '../moment.ts'
import type { Times } from '../settings.ts'

export type Lease = {
  readonly signal: AbortSignal
  abort(reason: Interrupted): void
  /** The lease cannot have ended, though this process, or its machine, may have been stopped for long. */
  holds(): boolean
  release(): void
}
export type Leases<Row> = {
  /** `sentAt`: from before the claim was sent. */
  hold(row: Row, sentAt: Moment): Lease
  /** Prolongs all leases now and learns what became of their rows. */
  check(): void
  abortAll(reason: Interrupted): void
  stop(): void
}

type Held<Row> = { readonly row: Row; readonly controller: AbortController; renewedAt: Moment }

export function createLeases<Row>(deps: {
  readonly times: Pick<Times, 'lease' | 'heartbeat' | 'leaseMargin'>
  /** Prolongs these; resolves to what became of each: `held`, or why its work must end. */
  readonly renew: (rows: readonly Row[]) => Promise<(row: Row) => 'held' | Interrupted>
  readonly onError: (error: unknown) => void
}): Leases<Row> {
  const { times, renew, onError } = deps
  const leases = new Set<Held<Row>>()
  let renewing = false
  let again = false

  async function prolong(due: readonly Held<Row>[]): Promise<void> {
    if (due.length === 0 || renewing) return
    renewing = true
    const sentAt = thisMoment()
    try {
      const verdict = await renew(due.map((held) => held.row))
      for (const held of due) {
        const state = verdict(held.row)
        if (state === 'held') held.renewedAt = sentAt
        else held.controller.abort(state)
      }
    } catch (error) {
      onError(error)
    } finally {
      renewing = false
      if (again) check()
    }
  }
  /** While rows are looked at, once more afterwards: what was read of them may be older than what this is about. */
  function check(): void {
    again = renewing
    if (!renewing) void prolong([...leases])
  }
  const beat = () => {
    const all = [...leases]
    for (const held of all)
      if (msSince(held.renewedAt) > times.lease - times.leaseMargin) held.controller.abort(new Interrupted('lease'))
    void prolong(all.filter((held) => msSince(held.renewedAt) >= times.heartbeat && !held.controller.signal.aborted))
  }
  const timer = setInterval(beat, Math.max(20, times.heartbeat / 4))

  return {
    hold(row, sentAt) {
      const held = { row, controller: new AbortController(), renewedAt: sentAt }
      leases.add(held)
      return {
        signal: held.controller.signal,
        abort: (reason) => held.controller.abort(reason),
        holds: () => msSince(held.renewedAt) < times.lease - times.leaseMargin,
        release: () => void leases.delete(held),
      }
    },
    check,
    abortAll(reason) {
      for (const held of leases) held.controller.abort(reason)
    },
    stop: () => clearInterval(timer),
  }
}
