// What is remembered of one stream, and the words in which its rollout is told. No decisions here.
import type { LbPolicy } from '../../server/domain/policy/lb-policy.ts'
import type { ResourceCache } from '../resource-cache.ts'
import { parseEndpointsName } from '../resources/names.ts'
import type { RoutingModel } from '../routing-model.ts'
import type { ResourceType } from '../type-urls.ts'
import { createDeltaStream } from './delta-stream.ts'
import { createProgress } from './progress.ts'
import { createQuarantine } from './quarantine.ts'
import { createStreamTables } from './tables.ts'

export type RolloutSettings = {
  /** How long others wait for a bucket's change before it is reported as behind, in milliseconds. */
  readonly behindMs: number
  /** How long a returning Envoy may take to say which scopes it has before it is sent other endpoints. */
  readonly resumeMs: number
  /** How long a starting Envoy's port stays closed for scopes that it lacks while none arrive. */
  readonly openMs: number
  /** When a refused listener is tried again: its port may have become free. */
  readonly retryMs: number
  /** Resources in one response. */
  readonly chunk: number
}

export const defaultSettings: RolloutSettings = {
  behindMs: 500,
  resumeMs: 1000,
  openMs: 10_000,
  retryMs: 2000,
  chunk: 4000,
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
    classes: createCarriedClasses(() => stream.names('endpoints')),
    /** Scopes and tables that wait for endpoints with their class. */
    classless: { scope: new Set<string>(), table: new Set<string>() },
    /** Tables that Envoy is about to drop, as their pin is taken back. Should one be wanted again, it must be asked for. */
    leaving: new Set<string>(),
    /** Route numbers of the bucket scopes on their way. */
    sentNumbers: new Map<string, number>(),
    /** Envoy has been configured before, and has not yet said which scopes it has; it is waited for until then. */
    resumeUntil: null as number | null,
    openedAt,
    /** An Envoy without scopes waits for an answer even when there are none. */
    mustAnswerScopes: false,
    /** Envoy has all scopes, so that no call can meet an unknown bucket that is known here. */
    ingressOpen: false,
    /** When it is opened although something is lacking; null as long as nothing is known of its scopes. */
    openAt: null as number | null,
    listenerRetryAt: null as number | null,
  }
}

const perType = <T>(make: () => T): Record<ResourceType, T> => ({
  cluster: make(),
  endpoints: make(),
  listener: make(),
  table: make(),
  scope: make(),
})

/** Which generation of a policy's classes Envoy's endpoints carry: the least of all lists of endpoints that it uses. */
function createCarriedClasses(names: () => ReadonlySet<string>) {
  const generations = new Map<string, number>()
  const sent = new Map<string, number>()
  const least = new Map<LbPolicy, number>()

  function recount() {
    least.clear()
    for (const name of names()) {
      const policy = parseEndpointsName(name)?.policy
      const generation = generations.get(name) ?? 0
      if (policy) least.set(policy, Math.min(least.get(policy) ?? generation, generation))
    }
  }

  return {
    sending: (name: string, generation: number) => sent.set(name, generation),
    acked(name: string, generation = sent.get(name) ?? 0) {
      generations.set(name, generation)
      recount()
    },
    /** Envoy asks for them, or does not use them any more. */
    forget(name: string) {
      generations.delete(name)
      recount()
    },
    of: (name: string) => generations.get(name) ?? 0,
    /** 0: there are no endpoints of this policy yet. */
    carried: (policy: LbPolicy) => least.get(policy) ?? 0,
  }
}

/** Dirties all that waited for endpoints with its class. */
export function wakeClassless({ classless, dirty }: StreamState) {
  for (const type of ['scope', 'table'] as const) {
    for (const name of classless[type]) dirty[type].add(name)
    classless[type].clear()
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
