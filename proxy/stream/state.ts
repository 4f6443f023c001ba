// What is remembered of one stream, and the words in which its rollout is told. No decisions here.
import type { PaceLimits, Telling } from '../../server/domain/calls/telling.ts'
import type { ResourceCache } from '../resource-cache.ts'
import type { RoutingModel } from '../routing-model.ts'
import { type ResourceType, resourceTypes } from '../type-urls.ts'
import { createClassRevisions } from './class-revisions.ts'
import { createDeltaStream } from './delta-stream.ts'
import { createProgress } from './progress.ts'
import { createQuarantine } from './quarantine.ts'
import { createStreamTables } from './tables.ts'

export type RolloutSettings = PaceLimits & {
  /** How long others wait for a bucket's change before it is reported as behind, in milliseconds. */
  readonly behindMs: number
  /** How long a returning Envoy may take to say which scopes it has before it is sent other endpoints. */
  readonly resumeMs: number
  /** How long a starting Envoy's port stays closed for scopes that it lacks while none arrive, from when all were looked at. */
  readonly openMs: number
  /** When a refused listener is tried again: its port may have become free. */
  readonly retryMs: number
  /** Resources in one response. */
  readonly chunk: number
  /**
   * Scopes that are looked at in one go, of all Envoys together, before the process has time for others: an Envoy that comes back
   * may have 100 000. Some 10 microseconds each.
   */
  readonly scopesAtOnce: number
  /** How long an Envoy's calls are counted before it is decided how it tells of them: longer than a burst. */
  readonly paceMs: number
}

export const defaultSettings: RolloutSettings = {
  behindMs: 500,
  resumeMs: 1000,
  openMs: 10_000,
  retryMs: 2000,
  chunk: 4000,
  scopesAtOnce: 5000,
  paceMs: 5000,
  sampledAbove: 500,
  allBelow: 200,
}

export type StreamState = ReturnType<typeof createStreamState>

export function createStreamState(
  model: RoutingModel,
  cache: Pick<ResourceCache, 'version'>,
  settings: RolloutSettings,
  openedAt: number,
) {
  const stream = createDeltaStream()
  return {
    model,
    cache,
    settings,
    stream,
    tables: createStreamTables(model),
    progress: createProgress(settings),
    /** Names that may differ from what should be. */
    dirty: perType(() => new Set<string>()),
    quarantine: perType(createQuarantine),
    classes: createClassRevisions(() => stream.names('endpoints')),
    /**
     * Scopes and tables whose endpoints are not ACKed with their placement class yet, e.g. `bucket/photos`, just routed to
     * a class that no route used before; listeners whose calls would ask for labels that endpoints do not have yet.
     */
    awaitingClass: { scope: new Set<string>(), table: new Set<string>(), listener: new Set<string>() },
    /**
     * Ids of tables whose pin is being taken back: Envoy drops such a table by itself and unsubscribes from it. It may be
     * sent again only after Envoy has subscribed to it anew or, where it refused to give up the pin, has ACKed the pin again.
     */
    unpinning: new Set<string>(),
    /** Route numbers of the bucket scopes on their way. */
    sentNumbers: new Map<string, number>(),
    /** Envoy has been configured before, and has not yet said which scopes it has; it is waited for until then. */
    resumeUntil: null as number | null,
    openedAt,
    /** Kinds of which Envoy waits for an answer even when there is nothing to say: of scopes and Envoy clusters, where it has none. */
    mustAnswer: new Set<ResourceType>(),
    /** What each kind was made from when it was looked at last. */
    seen: new Map<ResourceType, readonly unknown[]>(),
    /** Envoy has all scopes, so that no call can meet an unknown bucket that is known here. */
    ingressOpen: false,
    /** When it is opened although some scopes are missing; null as long as nothing is known of its scopes. */
    openAt: null as number | null,
    listenerRetryAt: null as number | null,
    /** How this Envoy should tell of its calls. */
    telling: 'all' as Telling,
  }
}

const perType = <T>(make: () => T) =>
  Object.fromEntries(resourceTypes.map((type) => [type, make()])) as Record<ResourceType, T>

/** Endpoints were ACKed: what waited for a class is looked at again, for it may be theirs. */
export function wakeAwaitingClass({ awaitingClass, dirty }: StreamState) {
  for (const type of ['scope', 'table', 'listener'] as const) {
    for (const name of awaitingClass[type]) dirty[type].add(name)
    awaitingClass[type].clear()
  }
}

/** A route change that this stream's Envoy has to follow. */
export function wantBucket(
  { progress, dirty }: StreamState,
  bucket: string,
  name: string,
  number: number,
  now: number,
) {
  progress.want(bucket, number, now)
  dirty.scope.add(name)
}

/** Scopes arrive, or were not all looked at yet: an Envoy that starts need not open its port without some of them. */
export function awaitScopes(state: StreamState, now: number) {
  if (state.openAt !== null) state.openAt = now + state.settings.openMs
}

/** Kinds of which a returning Envoy keeps what it has until it has said what it routes by: others could drop a class of that. */
export const keptWhileResuming = ['cluster', 'endpoints', 'secret'] as const satisfies ResourceType[]

/** It has said so, or has had the time. */
export function endResume(state: StreamState) {
  if (state.resumeUntil === null) return
  state.resumeUntil = null
  for (const type of keptWhileResuming) for (const name of state.stream.known(type).keys()) state.dirty[type].add(name)
}
