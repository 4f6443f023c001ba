import type { StreamState } from '../state.ts'
import type { Plan } from './kind.ts'

/** As `Kind`, of the bucket or the table (`subject`) that the scope's name holds. */
export type ScopeKind = {
  readonly plan: (state: StreamState, subject: string) => Plan
  readonly waits: (state: StreamState, subject: string, now: number) => void
  readonly settled?: (state: StreamState, subject: string) => void
  readonly stillRefused?: (state: StreamState, subject: string, error: string) => void
  readonly sending: (state: StreamState, subject: string, tableId: string, now: number) => void
  readonly takingBack: (state: StreamState, subject: string) => void
  /** `tableId` null: taken back. `before`: the table that it surely pointed at until now. */
  readonly acked: (
    state: StreamState,
    subject: string,
    tableId: string | null,
    before: string | undefined,
    now: number,
  ) => void
  readonly refused: (state: StreamState, subject: string, error: string) => void
}
