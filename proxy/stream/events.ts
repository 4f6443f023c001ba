// What follows from each request of an Envoy: who is to be looked at again, and who has arrived.
import type { ResourceType } from '../type-urls.ts'
import type { DeltaEvent, DeltaResponse } from './delta-stream.ts'
import { kinds } from './kinds/kinds.ts'
import type { StreamState } from './state.ts'

export function onEvent(state: StreamState, event: DeltaEvent, now: number) {
  switch (event.kind) {
    case 'subscribed':
      return onSubscribed(state, event.type, event.names, event.first, now)
    case 'unsubscribed':
      return onUnsubscribed(state, event.type, event.names, now)
    case 'acked':
      return onAcked(state, event.response, event.before, now)
    case 'nacked':
      return onNacked(state, event.response, event.error, now)
  }
}

function onSubscribed(state: StreamState, type: ResourceType, names: readonly string[], first: boolean, now: number) {
  const { dirty, stream } = state
  const known = first ? stream.known(type) : new Map<string, string>()
  for (const name of [...(kinds[type].unasked?.(state) ?? []), ...known.keys(), ...names]) dirty[type].add(name)
  kinds[type].asked?.(state, { names, known, first }, now)
  if (known.size > 0 && !stream.isSubscribed('scope')) state.resumeUntil = state.openedAt + state.settings.resumeMs
}

function onUnsubscribed(state: StreamState, type: ResourceType, names: readonly string[], now: number) {
  for (const name of names) {
    state.dirty[type].delete(name)
    state.quarantine[type].release(name)
    kinds[type].dropped?.(state, name, now)
  }
}

type Before = ReadonlyMap<string, string>

function onAcked(state: StreamState, response: DeltaResponse, before: Before, now: number) {
  const { type, resources, removed } = response
  for (const name of [...resources.keys(), ...removed]) state.quarantine[type].release(name)
  kinds[type].acked?.(state, response, before, now)
}

function onNacked(state: StreamState, { type, resources, removed }: DeltaResponse, error: string, now: number) {
  const { dirty, quarantine } = state
  const versions = new Map([...resources, ...[...removed].map((name) => [name, ''] as const)])
  for (const name of versions.keys()) dirty[type].add(name)
  for (const name of quarantine[type].nack(versions, error)) kinds[type].refused?.(state, name, error, now)
}
