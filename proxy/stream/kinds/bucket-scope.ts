// A bucket's scope: sends the calls that name the bucket to its table. It is all that changes when a bucket moves.
import { bucketScopeName, pinScopeName, tableName } from '../../resources/names.ts'
import { scopeVersion, tableIdOfVersion } from '../../resources/scope.ts'
import { hasClass, isLoaded } from '../loaded.ts'
import type { StreamState } from '../state.ts'
import type { ScopeKind } from './scope-kind.ts'

/** The number of the bucket's latest change, which the ACK of what is sent now will cover. */
function noteNumber({ progress, sentNumbers }: StreamState, bucket: string) {
  const number = progress.latest(bucket)
  if (number !== undefined) sentNumbers.set(bucket, number)
}

export const bucketScope: ScopeKind = {
  plan(state, bucket) {
    const route = state.model.routes.get(bucket)
    if (!route) return null
    const { entry } = route
    return isLoaded(state, entry) && hasClass(state, entry) ? scopeVersion(entry.id) : undefined
  },
  waits(state, bucket, now) {
    const { awaitingClass, model, tables, quarantine, progress } = state
    const entry = model.routes.get(bucket)?.entry
    if (!entry) return
    const name = bucketScopeName(bucket)
    if (isLoaded(state, entry)) awaitingClass.scope.add(name)
    else tables.wait(entry.id, name, now)
    const refusal =
      quarantine.table.refused.get(tableName(entry.id)) ?? quarantine.scope.refused.get(pinScopeName(entry.id))
    if (refusal) progress.nacked(bucket, refusal.error)
  },
  settled({ progress }, bucket) {
    const number = progress.latest(bucket)
    if (number !== undefined) progress.acked(bucket, number)
  },
  stillRefused({ progress }, bucket, error) {
    progress.nacked(bucket, error)
  },
  sending(state, bucket, tableId, now) {
    const name = bucketScopeName(bucket)
    const known = state.stream.known('scope').get(name)
    state.tables.sent(name, tableId, known === undefined ? undefined : tableIdOfVersion(known), now)
    noteNumber(state, bucket)
  },
  takingBack: noteNumber,
  acked(state, bucket, tableId, before, now) {
    state.tables.acked(bucketScopeName(bucket), tableId, before, now)
    const number = state.sentNumbers.get(bucket)
    state.sentNumbers.delete(bucket)
    if (number !== undefined) state.progress.acked(bucket, number)
  },
  refused({ progress }, bucket, error) {
    progress.nacked(bucket, error)
  },
}
