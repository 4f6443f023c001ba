// What one stream's Envoy is told, and when. Every name that may differ is in a dirty set; a step plans each dirty name
// against the model: send it, take it back, nothing to do, or not yet. What is "not yet" is made dirty again by the event
// that it waits for. The order of a change (make before break):
//   endpoints carry the class, ACKed -> pin scope -> table, ACKed -> bucket's scope -> later, in reverse, the old ones.
import type { LbPolicy } from '../server/domain/lb-policy.ts'
import { createDeltaStream, type DeltaEvent, type DeltaRequest, type DeltaResponse } from './delta-stream.ts'
import { createProgress, type Progress } from './progress.ts'
import { createQuarantine } from './quarantine.ts'
import type { ResourceCache } from './resource-cache.ts'
import {
  bucketScopeName,
  INGRESS_LISTENER,
  parseEndpointsName,
  parseScopeName,
  parseTableName,
  pinScopeName,
  tableName,
} from './resources/names.ts'
import { scopeVersion, tableIdOfVersion } from './resources/scope.ts'
import type { RoutingModel, TableEntry } from './routing-model.ts'
import { createStreamTables } from './stream-tables.ts'
import { type ResourceType, resourceTypes } from './type-urls.ts'

export type RolloutSettings = {
  /** How long others wait for a bucket's change before it is reported as behind. */
  readonly behindMs: number
  /** How long a returning Envoy may take to say which scopes it has before it is sent other endpoints. */
  readonly resumeMs: number
  /** When a refused listener is tried again: its port may have become free. */
  readonly retryMs: number
  /** Resources in one response. */
  readonly chunk: number
}

export const defaultSettings: RolloutSettings = { behindMs: 500, resumeMs: 1000, retryMs: 2000, chunk: 4000 }

type Cache = Pick<ResourceCache, 'version' | 'names'>

/** A version to send; null: it must not exist; undefined: not yet. */
type Plan = string | null | undefined

export type StreamRollout = ReturnType<typeof createStreamRollout>

export function createStreamRollout(model: RoutingModel, cache: Cache, settings: RolloutSettings, openedAt: number) {
  const stream = createDeltaStream()
  const tables = createStreamTables(model)
  const progress = createProgress(settings)
  const perType = <T>(make: () => T) =>
    Object.fromEntries(resourceTypes.map((type) => [type, make()])) as Record<ResourceType, T>
  const dirty = perType(() => new Set<string>())
  const quarantine = perType(createQuarantine)
  /** Generation of the endpoints that Envoy has, by their name, and of those on their way. */
  const generations = new Map<string, number>()
  /** The least of these by policy. */
  const carried = new Map<LbPolicy, number>()
  const sentGenerations = new Map<string, number>()
  /** Route numbers of the bucket scopes on their way. */
  const sentNumbers = new Map<string, number>()
  /** Scopes and tables that wait for endpoints with their class. */
  const classless = { scope: new Set<string>(), table: new Set<string>() }
  /** Tables that Envoy is about to drop, as their pin is taken back. Should one be wanted again, it must be asked for. */
  const leaving = new Set<string>()
  const seen = { capability: '', header: '', generations: new Map<string, number>() }
  let resuming = false
  let mustAnswerScopes = false
  let ingressOpen = false
  let listenerRetryAt: number | null = null

  // ---- what should be ----

  function plan(type: ResourceType, name: string, now: number): Plan {
    if (type === 'scope') return planScope(name)
    if (type === 'table') return planTable(name)
    if (type === 'listener' && name === INGRESS_LISTENER && !ingressOpen) return undefined
    // Other endpoints before Envoy has said what it routes by could drop a class that it uses.
    if (type !== 'listener' && isResuming(now) && stream.has(type, name)) return undefined
    return cache.version(type, name) ?? null
  }

  const isResuming = (now: number) => resuming && now < openedAt + settings.resumeMs

  function planTable(name: string): Plan {
    const id = parseTableName(name)
    const entry = id === undefined ? undefined : model.tables.get(id)
    // Nobody knows what is in it, but Envoy does: leave it to it.
    if (!entry?.table) return stream.has('table', name) ? undefined : null
    if (leaving.has(entry.id) || !carriesClass(entry)) return undefined
    return cache.version('table', name) ?? null
  }

  function planScope(name: string): Plan {
    const scope = parseScopeName(name)
    if (!scope) return null
    if ('pin' in scope) {
      const entry = model.tables.get(scope.pin)
      if (!entry || entry.retired) return null
      if (entry.wanted === 0 && !stream.mayHave('scope', name)) return undefined
      if (entry.table && !carriesClass(entry)) return undefined
      return scopeVersion(entry.id)
    }
    const route = model.routes.get(scope.bucket)
    if (!route) return null
    return isReady(route.entry) ? scopeVersion(route.entry.id) : undefined
  }

  /** Whether all endpoints that Envoy has of this policy carry the table's class. */
  const carriesClass = ({ table, since }: TableEntry) => table !== null && (carried.get(table.lbPolicy) ?? 0) >= since

  const isLoaded = ({ id }: TableEntry) => stream.has('table', tableName(id)) && stream.has('scope', pinScopeName(id))

  /** Whether a bucket may point at it: loaded, pinned so that it stays, and with endpoints for its class. */
  const isReady = (entry: TableEntry) => isLoaded(entry) && carriesClass(entry)

  // ---- what has happened ----

  function on(event: DeltaEvent, now: number) {
    if (event.kind === 'subscribed') onSubscribed(event.type, event.names, event.first, now)
    else if (event.kind === 'unsubscribed') onUnsubscribed(event.type, event.names, now)
    else if (event.kind === 'acked') onAcked(event.response, event.before, now)
    else onNacked(event.response, event.error, now)
  }

  function onSubscribed(type: ResourceType, names: readonly string[], first: boolean, now: number) {
    const known = stream.known(type)
    if (first) {
      if (type !== 'scope' && type !== 'table') resuming ||= known.size > 0
      for (const name of known.keys()) dirty[type].add(name)
    }
    for (const name of names) {
      dirty[type].add(name)
      generations.delete(name)
    }
    if (type === 'endpoints') classesMayBeCarried()
    if (type === 'cluster' || type === 'listener') for (const name of cache.names[type]) dirty[type].add(name)
    if (type === 'listener') ingressOpen ||= known.has(INGRESS_LISTENER)
    if (type === 'table') {
      for (const name of first ? [...known.keys(), ...names] : names) {
        const id = parseTableName(name)
        if (id === undefined) continue
        leaving.delete(id)
        tables.subscribed(id, now)
      }
      for (const name of first ? known.keys() : []) onTableLoaded(name, now)
    }
    if (type === 'scope' && first) beginScopes(known, now)
  }

  function beginScopes(known: ReadonlyMap<string, string>, now: number) {
    mustAnswerScopes = known.size === 0
    for (const [name, version] of known) {
      tables.found(name, version, now)
      const scope = parseScopeName(name)
      // A bucket that is gone since: nobody remembers its number, so it counts as the latest.
      if (scope && 'bucket' in scope && !model.routes.has(scope.bucket))
        progress.want(scope.bucket, model.highest(), now)
    }
    for (const [bucket, { number, entry }] of model.routes) {
      if (known.get(bucketScopeName(bucket)) === scopeVersion(entry.id)) continue
      want(bucket, number, now)
    }
    for (const id of model.tables.keys()) dirty.scope.add(pinScopeName(id))
    progress.begun()
    resuming = false
    for (const name of stream.names('endpoints')) dirty.endpoints.add(name)
    for (const name of stream.known('cluster').keys()) dirty.cluster.add(name)
  }

  function onUnsubscribed(type: ResourceType, names: readonly string[], now: number) {
    for (const name of names) {
      dirty[type].delete(name)
      quarantine[type].release(name)
      generations.delete(name)
      const id = type === 'table' ? parseTableName(name) : undefined
      if (id === undefined) continue
      leaving.delete(id)
      tables.unsubscribed(id, now)
    }
    if (type === 'endpoints') classesMayBeCarried()
  }

  function onAcked({ type, resources, removed }: DeltaResponse, before: ReadonlyMap<string, string>, now: number) {
    for (const name of [...resources.keys(), ...removed]) quarantine[type].release(name)
    if (type === 'endpoints') {
      for (const name of resources.keys()) generations.set(name, sentGenerations.get(name) ?? 0)
      classesMayBeCarried()
    } else if (type === 'table') for (const name of resources.keys()) onTableLoaded(name, now)
    else if (type === 'scope') {
      for (const [name, version] of resources) onScopeAcked(name, tableIdOfVersion(version), before.get(name), now)
      for (const name of removed) onScopeAcked(name, null, before.get(name), now)
    }
  }

  function onScopeAcked(name: string, tableId: string | null, before: string | undefined, now: number) {
    const scope = parseScopeName(name)
    if (!scope) return
    if ('bucket' in scope) {
      tables.acked(name, tableId, before === undefined ? undefined : tableIdOfVersion(before), now)
      const number = sentNumbers.get(scope.bucket)
      sentNumbers.delete(scope.bucket)
      if (number !== undefined) progress.acked(scope.bucket, number)
      return
    }
    if (tableId === null) {
      tables.unpinned(scope.pin, now)
      dirty.scope.add(name)
    } else {
      leaving.delete(scope.pin)
      onTableLoaded(tableName(scope.pin), now)
    }
  }

  /** The table is there, or its pin is: perhaps now both. */
  function onTableLoaded(name: string, now: number) {
    const id = parseTableName(name)
    const entry = id === undefined ? undefined : model.tables.get(id)
    if (!entry) return
    if (isLoaded(entry)) for (const scope of tables.takeWaiting(entry.id, now)) dirty.scope.add(scope)
    else dirty.table.add(name)
  }

  /** Envoy's endpoints have changed: what waited for a class may go on. */
  function classesMayBeCarried() {
    carried.clear()
    for (const name of stream.names('endpoints')) {
      const policy = parseEndpointsName(name)?.policy
      const generation = generations.get(name) ?? 0
      if (policy) carried.set(policy, Math.min(carried.get(policy) ?? generation, generation))
    }
    for (const type of ['scope', 'table'] as const) {
      for (const name of classless[type]) dirty[type].add(name)
      classless[type].clear()
    }
  }

  function onNacked({ type, resources, removed }: DeltaResponse, error: string, now: number) {
    for (const name of type === 'scope' ? removed : []) {
      const scope = parseScopeName(name)
      if (scope && 'pin' in scope) leaving.delete(scope.pin)
    }
    const versions = new Map([...resources, ...[...removed].map((name) => [name, ''] as const)])
    for (const name of versions.keys()) dirty[type].add(name)
    for (const name of quarantine[type].nack(versions, error)) onRefused(type, name, error, now)
  }

  function onRefused(type: ResourceType, name: string, error: string, now: number) {
    if (type === 'listener') listenerRetryAt = now + settings.retryMs
    const scope = type === 'scope' ? parseScopeName(name) : undefined
    if (scope && 'bucket' in scope) progress.nacked(scope.bucket, error)
    const tableId = scope && 'pin' in scope ? scope.pin : type === 'table' ? parseTableName(name) : undefined
    for (const waiting of (tableId === undefined ? undefined : tables.get(tableId))?.waiting ?? []) {
      const bucket = parseScopeName(waiting)
      if (bucket && 'bucket' in bucket) progress.nacked(bucket.bucket, error)
    }
  }

  // ---- what is sent ----

  function want(bucket: string, number: number, now: number) {
    progress.want(bucket, number, now)
    dirty.scope.add(bucketScopeName(bucket))
  }

  /** The next response of a type; null when there is nothing to say or the last one is not answered. */
  function next(type: ResourceType, now: number): DeltaResponse | null {
    if (!stream.isIdle(type)) return null
    const resources = new Map<string, string>()
    const removed: string[] = []
    const consider = (name: string) => {
      const version = plan(type, name, now)
      if (version === undefined) return notYet(type, name, now)
      if (type === 'scope') tables.stopWaiting(name, now)
      if (version === null ? !stream.mayHave(type, name) : stream.has(type, name, version)) return settled(type, name)
      if (version !== null && !stream.wants(type, name)) return
      if (quarantine[type].isRefused(name, version ?? '')) return stillRefused(type, name)
      if (version === null) removed.push(name)
      else resources.set(name, version)
    }
    for (let batch = quarantine[type].nextBatch(); batch; batch = quarantine[type].nextBatch()) {
      batch.forEach(consider)
      if (resources.size + removed.length > 0) break
    }
    if (resources.size + removed.length === 0)
      for (const name of dirty[type]) {
        if (resources.size + removed.length >= settings.chunk) break
        dirty[type].delete(name)
        consider(name)
      }
    const answerEmpty = type === 'scope' && mustAnswerScopes
    if (resources.size + removed.length === 0 && !answerEmpty) return null
    if (type === 'scope') mustAnswerScopes = false
    for (const [name, version] of resources) sending(type, name, version, now)
    for (const name of removed) takingBack(type, name)
    return stream.send(type, resources, removed)
  }

  function notYet(type: ResourceType, name: string, now: number) {
    if (type === 'table') classless.table.add(name)
    const scope = type === 'scope' ? parseScopeName(name) : undefined
    if (!scope) return
    if ('pin' in scope) {
      if ((model.tables.get(scope.pin)?.wanted ?? 0) > 0) classless.scope.add(name)
      return
    }
    const entry = model.routes.get(scope.bucket)?.entry
    if (!entry) return
    if (isLoaded(entry)) classless.scope.add(name)
    else tables.wait(entry.id, name, now)
    const refusal =
      quarantine.table.refused.get(tableName(entry.id)) ?? quarantine.scope.refused.get(pinScopeName(entry.id))
    if (refusal) progress.nacked(scope.bucket, refusal.error)
  }

  function settled(type: ResourceType, name: string) {
    if (type === 'endpoints') {
      const policy = parseEndpointsName(name)?.policy
      if (policy && (generations.get(name) ?? 0) < model.generation(policy)) {
        generations.set(name, model.generation(policy))
        classesMayBeCarried()
      }
    }
    const scope = type === 'scope' ? parseScopeName(name) : undefined
    if (!scope || !('bucket' in scope)) return
    const number = progress.latest(scope.bucket)
    if (number !== undefined) progress.acked(scope.bucket, number)
  }

  function stillRefused(type: ResourceType, name: string) {
    const scope = type === 'scope' ? parseScopeName(name) : undefined
    const refusal = quarantine[type].refused.get(name)
    if (scope && 'bucket' in scope && refusal) progress.nacked(scope.bucket, refusal.error)
  }

  function sending(type: ResourceType, name: string, version: string, now: number) {
    const policy = type === 'endpoints' ? parseEndpointsName(name)?.policy : undefined
    if (policy) sentGenerations.set(name, model.generation(policy))
    const scope = type === 'scope' ? parseScopeName(name) : undefined
    if (!scope) return
    const id = tableIdOfVersion(version)
    if ('pin' in scope) return tables.pinned(scope.pin, now)
    const known = stream.known('scope').get(name)
    tables.sent(name, id, known === undefined ? undefined : tableIdOfVersion(known), now)
    noteNumber(scope.bucket)
  }

  function takingBack(type: ResourceType, name: string) {
    const scope = type === 'scope' ? parseScopeName(name) : undefined
    if (!scope) return
    if ('bucket' in scope) return noteNumber(scope.bucket)
    leaving.add(scope.pin)
    stream.doubt('table', tableName(scope.pin))
  }

  function noteNumber(bucket: string) {
    const number = progress.latest(bucket)
    if (number !== undefined) sentNumbers.set(bucket, number)
  }

  return {
    receive(request: DeltaRequest, now: number) {
      for (const event of stream.receive(request)) on(event, now)
    },
    /** Routes have changed. */
    routesChanged(changes: readonly { bucket: string; number: number }[], wanted: readonly TableEntry[], now: number) {
      if (!stream.isSubscribed('scope')) return
      for (const { id } of wanted) {
        dirty.scope.add(pinScopeName(id))
        // A returning Envoy may have asked for it, and been told that it does not exist.
        dirty.table.add(tableName(id))
      }
      for (const { bucket, number } of changes) want(bucket, number, now)
    },
    retired(entries: readonly TableEntry[]) {
      for (const { id } of entries) dirty.scope.add(pinScopeName(id))
    },
    /** All that can be said now, clusters first. */
    pump(matchHeader: string, now: number): DeltaResponse[] {
      noticeModel(matchHeader)
      if (!ingressOpen && progress.hasCaughtUp() && stream.isSubscribed('scope')) {
        ingressOpen = true
        dirty.listener.add(INGRESS_LISTENER)
      }
      return resourceTypes.flatMap((type) => next(type, now) ?? [])
    },
    tick(now: number) {
      progress.tick(now)
      if (resuming && now >= openedAt + settings.resumeMs) {
        resuming = false
        for (const type of ['cluster', 'endpoints'] as const)
          for (const name of stream.known(type).keys()) dirty[type].add(name)
      }
      if (listenerRetryAt === null || now < listenerRetryAt) return
      listenerRetryAt = null
      for (const name of [...quarantine.listener.refused.keys()]) {
        quarantine.listener.release(name)
        dirty.listener.add(name)
      }
    },
    nextTick(now: number): number | null {
      const times = [progress.nextTick(now), listenerRetryAt, resuming ? openedAt + settings.resumeMs : null]
      return times.reduce((a, b) => (a === null ? b : b === null ? a : Math.min(a, b)), null)
    },
    /** null until the stream has all scopes that it lacked when it began, or is known to be refusing some. */
    progress(): Progress | null {
      const report = progress.report(model.highest())
      return progress.hasCaughtUp() || report.exceptions.length > 0 ? report : null
    },
    close: (now: number) => tables.close(now),
    resources,
  }

  function noticeModel(matchHeader: string) {
    if (seen.capability !== model.capability()) {
      seen.capability = model.capability()
      for (const name of cache.names.cluster) dirty.cluster.add(name)
    }
    if (seen.header !== matchHeader) {
      seen.header = matchHeader
      for (const name of cache.names.listener) dirty.listener.add(name)
    }
    for (const name of stream.names('endpoints')) {
      const policy = parseEndpointsName(name)?.policy
      if (policy && seen.generations.get(name) !== model.generation(policy)) {
        seen.generations.set(name, model.generation(policy))
        dirty.endpoints.add(name)
      }
    }
  }

  /** What Envoy has, is being sent or has refused. Lazily: there may be 100 000 scopes. */
  function* resources(): Generator<StreamResource> {
    for (const type of resourceTypes) {
      const { refused } = quarantine[type]
      const inFlight = stream.inFlight(type)?.resources
      for (const [name, { version, error }] of refused) yield { type, name, version, state: 'NACKED', error }
      for (const [name, version] of inFlight ?? [])
        if (!refused.has(name)) yield { type, name, version, state: 'PENDING', error: null }
      for (const [name, version] of stream.known(type)) {
        if (refused.has(name) || inFlight?.has(name)) continue
        yield { type, name, version, state: dirty[type].has(name) ? 'PENDING' : 'ACKED', error: null }
      }
    }
  }
}

export type StreamResource = {
  readonly type: ResourceType
  readonly name: string
  readonly version: string
  readonly state: 'ACKED' | 'NACKED' | 'PENDING'
  readonly error: string | null
}
