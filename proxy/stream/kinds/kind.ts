// What is particular to one kind of resource. The loops over all kinds are in events.ts, send.ts and stream-rollout.ts.
import type { RoutingModel } from '../../routing-model.ts'
import type { DeltaResponse } from '../delta-stream.ts'
import type { keptWhileResuming, StreamState } from '../state.ts'

/** A version to send; null: it must not exist; undefined: not yet. */
export type Plan = string | null | undefined

/** `known`: what Envoy says in its first request of the kind that it has from an earlier stream, by name; empty in later ones. */
export type Asked = {
  readonly names: readonly string[]
  readonly known: ReadonlyMap<string, string>
  readonly first: boolean
}

export type Kind = {
  /**
   * There may be one for each bucket, so a few are looked at in one go; of all other kinds all that may differ are. Not for what an
   * Envoy cluster waits for: its endpoints, asked for, go before the cluster is changed again, or it would wait for those of before.
   */
  readonly many?: true
  /** What should be in Envoy under a name, and whether its time has come. */
  readonly plan: (state: StreamState, name: string) => Plan
  /** Names that every Envoy gets, unasked. */
  readonly unasked?: (state: StreamState) => readonly string[]

  /**
   * All that its resources are made from, but for routes and the tables that they name: each part is another object or number
   * after each change of it. Then Envoy's resources of the kind are looked at again (notice.ts).
   */
  readonly madeFrom: (model: RoutingModel) => readonly unknown[]
  /** Whether Envoy has what is under a name as it is now, so that a change of what the kind is made from is none of it. */
  readonly isCurrent?: (state: StreamState, name: string) => boolean
  /** Before each round of sending. */
  readonly prepare?: (state: StreamState, now: number) => void
  /**
   * The time of this name has not come. Notes what it waits for, so that the event which ends the wait makes the name dirty
   * again. E.g. the scope `bucket/photos` waits for the table `table/Ab12`: when Envoy ACKs that table, the scope gets dirty.
   */
  readonly waits?: (state: StreamState, name: string, now: number) => void
  /** It waits for nothing any more. */
  readonly waitsNoMore?: (state: StreamState, name: string, now: number) => void
  /** Envoy has what it should have, so nothing is sent: that counts as an ACK. */
  readonly settled?: (state: StreamState, name: string) => void
  /** Envoy has refused just this version, so it is not sent again. */
  readonly stillRefused?: (state: StreamState, name: string, error: string) => void
  readonly sending?: (state: StreamState, name: string, version: string, now: number) => void
  readonly takingBack?: (state: StreamState, name: string) => void

  readonly asked?: (state: StreamState, asked: Asked, now: number) => void
  readonly dropped?: (state: StreamState, name: string, now: number) => void
  /** `before`: the versions that Envoy surely had until now. */
  readonly acked?: (
    state: StreamState,
    response: Pick<DeltaResponse, 'resources' | 'removed'>,
    before: ReadonlyMap<string, string>,
    now: number,
  ) => void
  /** It was refused when it was sent alone: who needs it hears why. */
  readonly refused?: (state: StreamState, name: string, error: string, now: number) => void

  readonly tick?: (state: StreamState, now: number) => void
  /** When `tick` has something to do; null: only an event can change anything. */
  readonly nextTick?: (state: StreamState) => number | null
}

/** The plan of a kind whose resources stay as Envoy has them until it has said what it routes by. */
export const afterResume =
  (type: (typeof keptWhileResuming)[number]) =>
  ({ resumeUntil, stream, cache }: StreamState, name: string): Plan =>
    resumeUntil !== null && stream.has(type, name) ? undefined : (cache.version(type, name) ?? null)
