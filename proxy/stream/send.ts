// Makes the next response of a type out of the names that may differ.
import { type ResourceType, resourceTypes } from '../type-urls.ts'
import type { DeltaResponse } from './delta-stream.ts'
import type { Plan } from './kinds/kind.ts'
import { kinds } from './kinds/kinds.ts'
import type { StreamState } from './state.ts'

/** How many names of the kinds of which there are many may still be looked at in this go. */
export type Allowance = { left: number }

/** How many names of such kinds may be looked at now. After a go: how many were left for the next. */
export const toBeLookedAt = ({ stream, dirty }: StreamState): number =>
  resourceTypes.reduce((sum, type) => sum + (kinds[type].many && stream.isIdle(type) ? dirty[type].size : 0), 0)

/** null when there is nothing to say yet, or the last response is not answered yet. */
export function nextResponse(
  state: StreamState,
  type: ResourceType,
  now: number,
  allowance: Allowance,
): DeltaResponse | null {
  const { stream, quarantine, dirty, mustAnswer, settings } = state
  if (!stream.isIdle(type)) return null
  const resources = new Map<string, string>()
  const removed: string[] = []
  const size = () => resources.size + removed.length
  const consider = (name: string) => {
    const version = lookAt(state, type, name, now)
    if (version === null) removed.push(name)
    else if (version !== undefined) resources.set(name, version)
  }
  // One half of a refused response at a time, apart from all else: see quarantine.ts.
  for (let batch = quarantine[type].nextBatch(); batch; batch = quarantine[type].nextBatch()) {
    batch.forEach(consider)
    if (size() > 0) break
  }
  const isEnough = () => size() >= settings.chunk || (kinds[type].many && allowance.left === 0)
  if (size() === 0)
    for (const name of dirty[type]) {
      if (isEnough()) break
      if (kinds[type].many) allowance.left--
      dirty[type].delete(name)
      consider(name)
    }
  if (size() === 0 && (dirty[type].size > 0 || !mustAnswer.has(type))) return null
  mustAnswer.delete(type)
  for (const [name, version] of resources) kinds[type].sending?.(state, name, version, now)
  for (const name of removed) kinds[type].takingBack?.(state, name)
  return stream.send(type, resources, removed)
}

/** Tells the kind how a name stands. Returns the version to send, null to take it back; undefined: nothing now. */
function lookAt(state: StreamState, type: ResourceType, name: string, now: number): Plan {
  const { stream, quarantine } = state
  const kind = kinds[type]
  const version = kind.plan(state, name)
  if (version === undefined) return void kind.waits?.(state, name, now)
  kind.waitsNoMore?.(state, name, now)
  if (version === null ? !stream.mayHave(type, name) : stream.has(type, name, version))
    return void kind.settled?.(state, name)
  if (version !== null && !stream.wants(type, name)) return undefined
  const refusal = quarantine[type].refusal(name, version ?? '')
  if (refusal) return void kind.stillRefused?.(state, name, refusal.error)
  return version
}
