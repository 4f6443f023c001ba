// Scopes (ScopedRouteConfigurations): of two kinds, told apart by their names.
import { bucketScopeName, parseScopeName, pinScopeName } from '../../resources/names.ts'
import { scopeVersion, tableIdOfVersion } from '../../resources/scope.ts'
import { awaitScopes, endResume, type StreamState, wantBucket } from '../state.ts'
import { bucketScope } from './bucket-scope.ts'
import type { Kind } from './kind.ts'
import { pin } from './pin.ts'
import type { ScopeKind } from './scope-kind.ts'

function kindOf(name: string): { readonly kind: ScopeKind; readonly subject: string } | undefined {
  const scope = parseScopeName(name)
  if (!scope) return undefined
  return 'pin' in scope ? { kind: pin, subject: scope.pin } : { kind: bucketScope, subject: scope.bucket }
}

/**
 * Envoy's first request for scopes says what it routes by, e.g. `bucket/photos` by table A from an earlier stream. What
 * differs from the routes of now is sent.
 */
function begin(state: StreamState, known: ReadonlyMap<string, string>, now: number) {
  const { model, progress, tables, dirty } = state
  if (known.size === 0) state.mustAnswer.add('scope')
  state.openAt = now + state.settings.openMs
  for (const [name, version] of known) {
    tables.found(name, version, now)
    const scope = parseScopeName(name)
    // A bucket that is gone since: nobody remembers its number, so it counts as the latest.
    if (scope && 'bucket' in scope && !model.routes.has(scope.bucket))
      wantBucket(state, scope.bucket, name, model.highest(), now)
  }
  // Before the buckets, which are many and wait for them.
  for (const id of model.tables.keys()) dirty.scope.add(pinScopeName(id))
  for (const [bucket, { number, entry }] of model.routes) {
    const name = bucketScopeName(bucket)
    if (known.get(name) !== scopeVersion(entry.id)) wantBucket(state, bucket, name, number, now)
  }
  progress.begun()
  endResume(state)
}

export const scope: Kind = {
  many: true,
  madeFrom: () => [],
  plan(state, name) {
    const of = kindOf(name)
    return of ? of.kind.plan(state, of.subject) : null
  },
  waits(state, name, now) {
    const of = kindOf(name)
    of?.kind.waits(state, of.subject, now)
  },
  waitsNoMore({ tables }, name, now) {
    tables.stopWaiting(name, now)
  },
  settled(state, name) {
    const of = kindOf(name)
    of?.kind.settled?.(state, of.subject)
  },
  stillRefused(state, name, error) {
    const of = kindOf(name)
    of?.kind.stillRefused?.(state, of.subject, error)
  },
  sending(state, name, version, now) {
    const of = kindOf(name)
    of?.kind.sending(state, of.subject, tableIdOfVersion(version), now)
  },
  takingBack(state, name) {
    const of = kindOf(name)
    of?.kind.takingBack(state, of.subject)
  },
  asked(state, { known, first }, now) {
    if (first) begin(state, known, now)
  },
  acked(state, { resources, removed }, before, now) {
    awaitScopes(state, now)
    const acked = (name: string, tableId: string | null) => {
      const of = kindOf(name)
      const old = before.get(name)
      of?.kind.acked(state, of.subject, tableId, old === undefined ? undefined : tableIdOfVersion(old), now)
    }
    for (const [name, version] of resources) acked(name, tableIdOfVersion(version))
    for (const name of removed) acked(name, null)
  },
  refused(state, name, error) {
    const of = kindOf(name)
    of?.kind.refused(state, of.subject, error)
  },
}
