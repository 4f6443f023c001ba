// When a copy is looked at as a whole the next time, and what that costs, from what is stored of it.
import type { EventFacts } from '../fleet/event-source.ts'
import { judgeEvents } from '../fleet/event-source.ts'
import { effectivePolicy, type SetValues } from '../policy/effective.ts'
import { roundRequests, sweepRequests, turnRequests, turnSeconds } from './sweep-cost.ts'
import {
  defaultBounds,
  type SweepBounds,
  type SweepInterval,
  sweepInterval,
  turnInterval,
  untoldInterval,
} from './sweep-interval.ts'

/** Of one copy, and of its bucket's events. Times in milliseconds, by PostgreSQL's clock. */
export type StoredSweep = EventFacts & {
  readonly of: 'master' | 'replica'
  readonly proven: boolean
  readonly quietLooks: number
  /** Objects at the master as far as FaDO knows, and whole copies of them beside it. */
  readonly objects: number
  readonly copies: number
  /** Of a replica: when the last turn through all its objects began that ended. */
  readonly comparedSince: number | null
  /** When the first of the looks at its master began that found nothing, one after the other. */
  readonly quietSince: number | null
}

/** Durations in seconds. */
export type SweepPolicies = {
  readonly maxStaleness: number
  readonly longest: number
  readonly fullCompare: { readonly seconds: number; readonly isSet: boolean }
}

export function sweepPolicies(set: SetValues): SweepPolicies {
  const { value: seconds, source } = effectivePolicy('full_compare', set)
  return {
    maxStaleness: effectivePolicy('max_staleness', set).value,
    longest: effectivePolicy('sweep_interval', set).value,
    fullCompare: { seconds, isSet: source !== 'default' },
  }
}

/** The longest that copies go unlooked at. `untold`: only masters of whose changes nobody tells who is believed. */
export type SweepLimit = { readonly seconds: number; readonly of: 'all' | 'untold' }

/** What a value of this policy says of that; null: nothing. */
export function sweepsWithin({ name, value }: { readonly name: string; readonly value: unknown }): SweepLimit | null {
  if (typeof value !== 'number') return null
  if (name === 'sweep_interval') return { seconds: value, of: 'all' }
  if (name === 'max_staleness') return { seconds: untoldInterval(value), of: 'untold' }
  return name === 'full_compare' && value > 0 ? { seconds: turnInterval(value), of: 'all' } : null
}

export type SweepPlan = SweepInterval & {
  /** Of a replica: how long a turn through all its objects may take; 0: there are none. */
  readonly turnSeconds: number
  /** What this copy costs all stores together, at most, once looks at it have found nothing for long. */
  readonly requestsADay: number
}

const day = 86_400

export function planSweep(
  stored: StoredSweep,
  { maxStaleness, longest, fullCompare }: SweepPolicies,
  bounds: SweepBounds = defaultBounds,
): SweepPlan {
  const { of, objects, quietLooks, proven } = stored
  const turn = of === 'master' ? 0 : turnSeconds({ ...stored, wanted: fullCompare.seconds, isSet: fullCompare.isSet })
  const events = judgeEvents(stored)
  const facts = { of, events, proven, maxStaleness, longest, turn, roundRequests: roundRequests(stored) }
  const settled = sweepInterval({ ...facts, quietLooks: Number.POSITIVE_INFINITY }, bounds)
  const requestsADay = (sweepRequests(of, objects) * day) / settled.seconds + turnRequests(objects, turn)
  return { ...sweepInterval({ ...facts, quietLooks }, bounds), turnSeconds: turn, requestsADay }
}
