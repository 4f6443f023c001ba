// What is moving now: one answer for the list, the sentence and the figures.
import type { LiveReplica } from './attention-item.ts'

/** A copy that is being made or caught up. */
export const isMoving = (replica: LiveReplica): boolean => {
  if (replica.state === 'PENDING' || replica.state === 'CREATING' || replica.state === 'SYNCING') return true
  return replica.state === 'LAGGING' && replica.lag.objects > 0
}

/** It lacks something, and nothing is on its way that it waits for: what is in the way is among its causes. */
export const isStuck = ({ state, lag }: LiveReplica): boolean =>
  state === 'FAILED' || (state === 'LAGGING' && lag.objects === 0)

/** Bytes a second of what is moving. A run that has ended keeps its figures until the next one: it does not count. */
export const speedOf = (moving: readonly LiveReplica[]): number =>
  moving.reduce((sum, replica) => sum + (replica.progress?.bytesPerSecond ?? 0), 0)
