// What has changed since this stream was looked at last, apart from routes, which are told one by one.
import { resourceTypes } from '../type-urls.ts'
import { kinds } from './kinds/kinds.ts'
import type { StreamState } from './state.ts'

/** Makes the names of each kind dirty that is made from something else now. */
export function notice(state: StreamState) {
  const { model, seen, stream, dirty } = state
  for (const type of resourceTypes) {
    const { madeFrom, unasked, isCurrent } = kinds[type]
    const parts = madeFrom(model)
    const before = seen.get(type)
    if (before && parts.every((part, i) => part === before[i])) continue
    seen.set(type, parts)
    for (const name of unasked?.(state) ?? stream.names(type)) if (!isCurrent?.(state, name)) dirty[type].add(name)
  }
}
