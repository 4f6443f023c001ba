// What follows from each request of an Envoy: who is to be looked at again, and who has arrived.
import { resourceNames } from '../build-resources.ts'
import {
  bucketScopeName,
  ingressListener,
  parseScopeName,
  parseTableName,
  pinScopeName,
  tableName,
} from '../resources/names.ts'
import { scopeVersion, tableIdOfVersion } from '../resources/scope.ts'
import type { ResourceType } from '../type-urls.ts'
import type { DeltaEvent, DeltaResponse } from './delta-stream.ts'
import { isLoaded } from './plan.ts'
import { type StreamState, wakeAwaitingClass, wantBucket } from './state.ts'

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
  for (const name of [...known.keys(), ...names]) dirty[type].add(name)
  switch (type) {
    case 'cluster':
    case 'listener':
      for (const name of resourceNames[type]) dirty[type].add(name)
      if (type === 'listener') state.ingressOpen ||= known.has(ingressListener)
      break
    case 'endpoints':
      for (const name of names) state.classes.forget(name)
      break
    case 'table':
      for (const name of [...known.keys(), ...names]) onTableAsked(state, name, first, now)
      for (const name of known.keys()) onTableLoaded(state, name, now)
      break
    case 'scope':
      if (first) beginScopes(state, known, now)
      return
  }
  if (known.size > 0 && !stream.isSubscribed('scope')) state.resumeUntil = state.openedAt + state.settings.resumeMs
}

function onTableAsked(state: StreamState, name: string, first: boolean, now: number) {
  const id = parseTableName(name)
  if (id === undefined) return
  // Envoy sent this before it heard that the pin is taken back: it will drop the table and unsubscribe after all.
  const early = first || state.stream.inFlight('scope')?.removed.has(pinScopeName(id))
  if (early && state.unpinning.has(id)) state.stream.invalidate('table', name)
  else state.unpinning.delete(id)
  state.tables.subscribed(id, now)
}

/**
 * Envoy's first request for scopes says what it routes by, e.g. `bucket/photos` by table A from an earlier stream. What
 * differs from the routes of now is sent.
 */
function beginScopes(state: StreamState, known: ReadonlyMap<string, string>, now: number) {
  const { model, progress, tables, dirty } = state
  state.mustAnswerScopes = known.size === 0
  state.openAt = now + state.settings.openMs
  for (const [name, version] of known) {
    tables.found(name, version, now)
    const scope = parseScopeName(name)
    // A bucket that is gone since: nobody remembers its number, so it counts as the latest.
    if (scope && 'bucket' in scope && !model.routes.has(scope.bucket))
      wantBucket(state, scope.bucket, name, model.highest(), now)
  }
  for (const [bucket, { number, entry }] of model.routes) {
    const name = bucketScopeName(bucket)
    if (known.get(name) !== scopeVersion(entry.id)) wantBucket(state, bucket, name, number, now)
  }
  for (const id of model.tables.keys()) dirty.scope.add(pinScopeName(id))
  progress.begun()
  endResume(state)
}

/** Endpoints and clusters need not wait any more for what Envoy says it routes by. */
export function endResume(state: StreamState) {
  if (state.resumeUntil === null) return
  state.resumeUntil = null
  for (const type of ['cluster', 'endpoints'] as const)
    for (const name of state.stream.known(type).keys()) state.dirty[type].add(name)
}

function onUnsubscribed(state: StreamState, type: ResourceType, names: readonly string[], now: number) {
  for (const name of names) {
    state.dirty[type].delete(name)
    state.quarantine[type].release(name)
    if (type === 'endpoints') state.classes.forget(name)
    const id = type === 'table' ? parseTableName(name) : undefined
    if (id === undefined) continue
    state.unpinning.delete(id)
    state.tables.unsubscribed(id, now)
  }
  if (type === 'endpoints') wakeAwaitingClass(state)
}

type Before = ReadonlyMap<string, string>

function onAcked(state: StreamState, { type, resources, removed }: DeltaResponse, before: Before, now: number) {
  for (const name of [...resources.keys(), ...removed]) state.quarantine[type].release(name)
  if (type === 'endpoints') {
    for (const name of resources.keys()) state.classes.acked(name)
    wakeAwaitingClass(state)
  } else if (type === 'table') for (const name of resources.keys()) onTableLoaded(state, name, now)
  else if (type === 'scope') {
    if (state.openAt !== null) state.openAt = now + state.settings.openMs
    for (const [name, version] of resources) onScopeAcked(state, name, tableIdOfVersion(version), before, now)
    for (const name of removed) onScopeAcked(state, name, null, before, now)
  }
}

function onScopeAcked(state: StreamState, name: string, tableId: string | null, before: Before, now: number) {
  const scope = parseScopeName(name)
  if (!scope) return
  if ('bucket' in scope) {
    const old = before.get(name)
    state.tables.acked(name, tableId, old === undefined ? undefined : tableIdOfVersion(old), now)
    const number = state.sentNumbers.get(scope.bucket)
    state.sentNumbers.delete(scope.bucket)
    if (number !== undefined) state.progress.acked(scope.bucket, number)
  } else if (tableId === null) {
    state.tables.unpinned(scope.pin, now)
    state.dirty.scope.add(name)
  } else {
    state.unpinning.delete(scope.pin)
    onTableLoaded(state, tableName(scope.pin), now)
  }
}

/** Envoy has ACKed a table, or its pin. With both, the scopes that waited for them can be sent; else the other is due. */
function onTableLoaded(state: StreamState, name: string, now: number) {
  const id = parseTableName(name)
  const entry = id === undefined ? undefined : state.model.tables.get(id)
  if (!entry) return
  if (isLoaded(state, entry)) for (const scope of state.tables.takeWaiting(entry.id, now)) state.dirty.scope.add(scope)
  else state.dirty.table.add(name)
}

function onNacked(state: StreamState, { type, resources, removed }: DeltaResponse, error: string, now: number) {
  const { dirty, quarantine } = state
  const versions = new Map([...resources, ...[...removed].map((name) => [name, ''] as const)])
  for (const name of versions.keys()) dirty[type].add(name)
  for (const name of quarantine[type].nack(versions, error)) onRefused(state, type, name, error, now)
}

/** A resource that was sent alone was refused: who needs it hears why. */
function onRefused(state: StreamState, type: ResourceType, name: string, error: string, now: number) {
  if (type === 'listener') state.listenerRetryAt = now + state.settings.retryMs
  const scope = type === 'scope' ? parseScopeName(name) : undefined
  if (scope && 'bucket' in scope) state.progress.nacked(scope.bucket, error)
  const tableId = scope && 'pin' in scope ? scope.pin : type === 'table' ? parseTableName(name) : undefined
  for (const waiting of (tableId === undefined ? undefined : state.tables.get(tableId))?.waiting ?? []) {
    const waiter = parseScopeName(waiting)
    if (waiter && 'bucket' in waiter) state.progress.nacked(waiter.bucket, error)
  }
}
