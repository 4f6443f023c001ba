// The routes with a cluster that starts: how each is served at a moment, and when its share of the calls grows.

import type { RouteTable } from '../../server/domain/route/routing-table.ts'
import {
  isOver,
  nextStartState,
  type RouteBefore,
  type Start,
  type StartState,
} from '../../server/domain/route/starts.ts'
import type { EnvoyTable, Starting } from '../resources/starting.ts'

/** It begins with a tenth: Envoy's own slow start does, too. */
const steps = 5
/**
 * So many routes at most have a slow start at a time; others get all at once. Each step is a change of that bucket for every
 * Envoy: these are 170 in a second with the default of 30 s.
 */
export const mostStarting = 1_000

/** How far a start is; undefined: it is over. `nextAt`: when it goes on. */
export function stepOf(
  start: Start,
  now: number,
  slowStartMs: number,
): { readonly starting: Starting; readonly nextAt: number } | undefined {
  if (isOver(start, now, slowStartMs)) return undefined
  const { others, begunAt } = start
  const stepMs = slowStartMs / steps
  const step = Math.max(0, Math.floor((now - begunAt) / stepMs))
  const percent = (100 / steps) * (step + 0.5)
  return { starting: { others, percent }, nextAt: begunAt + (step + 1) * stepMs }
}

export function createStarts(slowStartMs: () => number) {
  /** When the share of each bucket's clusters that start grows. */
  const growths = new Map<string, number>()
  /** Of `growths`, if there are any: none is before this time. */
  let growAt = Number.POSITIVE_INFINITY
  /** And they were reckoned with this; with another one all are due. */
  let reckonedWith = 0

  return {
    /** How a bucket that is served so is served by this table, the same or another, from now on. */
    next(
      bucket: string,
      before: RouteBefore | undefined,
      decided: RouteTable,
      now: number,
    ): { readonly table: EnvoyTable; readonly startState: StartState } {
      const startState = nextStartState(before, decided, now, slowStartMs())
      const mayStart = growths.size < mostStarting || growths.has(bucket)
      const step = startState.start && mayStart ? stepOf(startState.start, now, slowStartMs()) : undefined
      if (!step) {
        growths.delete(bucket)
        return { table: decided, startState: { since: startState.since } }
      }
      if (growths.size === 0) [growAt, reckonedWith] = [Number.POSITIVE_INFINITY, slowStartMs()]
      growths.set(bucket, step.nextAt)
      growAt = Math.min(growAt, step.nextAt)
      return { table: { ...decided, starting: step.starting }, startState }
    },

    /** The bucket is gone. */
    end(bucket: string) {
      growths.delete(bucket)
    },

    /** Buckets for which `next` may have another answer by now: it is to be asked. */
    due(now: number): string[] {
      const isSetAnew = slowStartMs() !== reckonedWith
      if (growths.size === 0 || (now < growAt && !isSetAnew)) return []
      reckonedWith = slowStartMs()
      const due: string[] = []
      growAt = Number.POSITIVE_INFINITY
      for (const [bucket, at] of growths) {
        if (at <= now || isSetAnew) due.push(bucket)
        else growAt = Math.min(growAt, at)
      }
      return due
    },

    /** When `due` may have some; null: only a change can make some so. */
    nextDue: (): number | null => (growths.size === 0 ? null : growAt),
  }
}
