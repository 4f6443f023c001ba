// Makes the next response of a type out of the names that may differ.

import { parseEndpointsName, parseScopeName, pinScopeName, tableName } from '../resources/names.ts'
import { tableIdOfVersion } from '../resources/scope.ts'
import type { ResourceType } from '../type-urls.ts'
import type { DeltaResponse } from './delta-stream.ts'
import { isLoaded, plan } from './plan.ts'
import { type StreamState, wakeAwaitingClass } from './state.ts'

/** null when there is nothing to say, or the last response is not answered yet. */
export function nextResponse(state: StreamState, type: ResourceType, now: number): DeltaResponse | null {
  const { stream, quarantine, dirty, settings } = state
  if (!stream.isIdle(type)) return null
  const resources = new Map<string, string>()
  const removed: string[] = []
  const size = () => resources.size + removed.length
  const consider = (name: string) => {
    const version = due(state, type, name, now)
    if (version === null) removed.push(name)
    else if (version !== undefined) resources.set(name, version)
  }
  // One half of a refused response at a time, apart from all else: see quarantine.ts.
  for (let batch = quarantine[type].nextBatch(); batch; batch = quarantine[type].nextBatch()) {
    batch.forEach(consider)
    if (size() > 0) break
  }
  if (size() === 0)
    for (const name of dirty[type]) {
      if (size() >= settings.chunk) break
      dirty[type].delete(name)
      consider(name)
    }
  const answerEmpty = type === 'scope' && state.mustAnswerScopes
  if (size() === 0 && !answerEmpty) return null
  if (type === 'scope') state.mustAnswerScopes = false
  for (const [name, version] of resources) sending(state, type, name, version, now)
  for (const name of removed) takingBack(state, type, name)
  return stream.send(type, resources, removed)
}

/** The version to send, null to take it back; undefined: nothing now. */
function due(state: StreamState, type: ResourceType, name: string, now: number): string | null | undefined {
  const { stream, quarantine, tables } = state
  const version = plan(state, type, name)
  if (version === undefined) return notYet(state, type, name, now)
  if (type === 'scope') tables.stopWaiting(name, now)
  if (version === null ? !stream.mayHave(type, name) : stream.has(type, name, version))
    return upToDate(state, type, name)
  if (version !== null && !stream.wants(type, name)) return undefined
  if (quarantine[type].isRefused(name, version ?? '')) return stillRefused(state, type, name)
  return version
}

/**
 * Notes what a name waits for, so that the event which ends the wait makes the name dirty again. E.g. the scope
 * `bucket/photos` waits for the table `table/Ab12`: when Envoy ACKs that table, onTableLoaded (events.ts) dirties the scope.
 */
function notYet(state: StreamState, type: ResourceType, name: string, now: number): undefined {
  const { awaitingClass, model, tables, quarantine, progress } = state
  if (type === 'table') awaitingClass.table.add(name)
  const scope = type === 'scope' ? parseScopeName(name) : undefined
  if (!scope) return
  if ('pin' in scope) {
    if ((model.tables.get(scope.pin)?.wanted ?? 0) > 0) awaitingClass.scope.add(name)
    return
  }
  const entry = model.routes.get(scope.bucket)?.entry
  if (!entry) return
  if (isLoaded(state, entry)) awaitingClass.scope.add(name)
  else tables.wait(entry.id, name, now)
  const refusal =
    quarantine.table.refused.get(tableName(entry.id)) ?? quarantine.scope.refused.get(pinScopeName(entry.id))
  if (refusal) progress.nacked(scope.bucket, refusal.error)
}

/** Envoy has what it should have, so nothing is sent: that counts as an ACK. */
function upToDate(state: StreamState, type: ResourceType, name: string): undefined {
  const { classes, model, progress } = state
  const policy = type === 'endpoints' ? parseEndpointsName(name)?.policy : undefined
  if (policy && classes.revisionOf(name) < model.revision(policy)) {
    classes.acked(name, model.revision(policy))
    wakeAwaitingClass(state)
  }
  const scope = type === 'scope' ? parseScopeName(name) : undefined
  const number = scope && 'bucket' in scope ? progress.latest(scope.bucket) : undefined
  if (scope && 'bucket' in scope && number !== undefined) progress.acked(scope.bucket, number)
}

function stillRefused({ quarantine, progress }: StreamState, type: ResourceType, name: string): undefined {
  const scope = type === 'scope' ? parseScopeName(name) : undefined
  const refusal = quarantine[type].refused.get(name)
  if (scope && 'bucket' in scope && refusal) progress.nacked(scope.bucket, refusal.error)
}

function sending(state: StreamState, type: ResourceType, name: string, version: string, now: number) {
  const { classes, model, tables, stream } = state
  const policy = type === 'endpoints' ? parseEndpointsName(name)?.policy : undefined
  if (policy) classes.sending(name, model.revision(policy))
  const scope = type === 'scope' ? parseScopeName(name) : undefined
  if (!scope) return
  if ('pin' in scope) return tables.pinned(scope.pin, now)
  const known = stream.known('scope').get(name)
  tables.sent(name, tableIdOfVersion(version), known === undefined ? undefined : tableIdOfVersion(known), now)
  noteNumber(state, scope.bucket)
}

function takingBack(state: StreamState, type: ResourceType, name: string) {
  const scope = type === 'scope' ? parseScopeName(name) : undefined
  if (!scope) return
  if ('bucket' in scope) return noteNumber(state, scope.bucket)
  // Envoy drops the table together with its pin, and says so only later, by unsubscribing.
  state.unpinning.add(scope.pin)
  state.stream.invalidate('table', tableName(scope.pin))
}

function noteNumber({ progress, sentNumbers }: StreamState, bucket: string) {
  const number = progress.latest(bucket)
  if (number !== undefined) sentNumbers.set(bucket, number)
}
