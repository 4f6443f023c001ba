// The routes of a table that lead to functions, by the kind of their calls and by what of them may be tried again.
import type { CallKind } from '../../server/domain/fleet/call-kind.ts'
import { functionPrefix } from '../../server/domain/route/function-path.ts'
import type { Balancer } from './balancers/balancer.ts'
import { balancers } from './balancers/balancers.ts'
import type { Route } from './callers/guard.ts'
import { envoyPolicyOf } from './placement-classes.ts'
import type { EnvoyTable } from './starting.ts'
import { any, duration, type WireObject } from './wire.ts'

/**
 * Each try goes to a deployment that this call has not tried yet: three for each cluster but the last reach a living one
 * past clusters that are dead, also where a cluster has a few deployments. In order, each takes as many as it has until it
 * is out.
 */
const retries = (clusters: number, { inOrder }: Balancer) =>
  Math.min(8, 3 * Math.max(1, clusters - 1)) * (inOrder?.failures ?? 1)

/**
 * While a cluster starts, tries of most calls stay with the others until Envoy has taken those out, which it does within 0.6 s:
 * so tries go on for 0.8 s (each wait is random, half of the interval on average). Of clusters that are well the first try is
 * taken, and of those some the next.
 */
const untilTakenOut = { tries: 40, base: 20, most: 40 }

/** How often a deployment is drawn for a try until it is a new one. */
const drawsPerTry = 200

/**
 * Only what surely has not reached a function: no connection, or one that ended before the head was written. A connection
 * reset later is not, whatever the method: the function may have run.
 */
const unsent = 'connect-failure,refused-stream,reset-before-request'

const functions: WireObject = { prefix: functionPrefix }

const noWebSocket: WireObject = { name: 'upgrade', present_match: true, invert_match: true }

/** A function that gets such a call twice does no more than it would once. */
const idempotent: WireObject = {
  ...functions,
  headers: [{ name: ':method', string_match: { safe_regex: { regex: 'GET|HEAD|OPTIONS|PUT|DELETE' } } }, noWebSocket],
}

/** Envoy goes by the content type, as `isGrpc` does. */
const grpcCalls: WireObject = { ...functions, grpc: {}, headers: [noWebSocket] }

/** `kinds`: those that calls are told apart by. `actionOf`: what they do with a call of a kind, but for its retries. */
export function functionRoutes(
  table: EnvoyTable,
  kinds: readonly CallKind[],
  actionOf: (kind: CallKind) => WireObject,
): readonly Route[] {
  const { rule, tries, tryMs } = table.retry ?? {}
  const balancer = balancers[envoyPolicyOf(table)]
  const usual = { tries: retries(table.clusters.length, balancer), base: 2, most: 20 }
  const unlessSet = table.starting ? untilTakenOut : usual
  const again = (retryOn: string, more: WireObject = {}): WireObject => ({
    retry_policy: {
      retry_on: retryOn,
      num_retries: { value: tries === undefined ? unlessSet.tries : tries - 1 },
      retry_back_off: { base_interval: duration(unlessSet.base), max_interval: duration(unlessSet.most) },
      retry_host_predicate: [
        {
          name: 'envoy.retry_host_predicates.previous_hosts',
          typed_config: any('envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate'),
        },
      ],
      // Where all that are well fail, those are tried that come back.
      retry_priority: {
        name: 'envoy.retry_priorities.previous_priorities',
        typed_config: any('envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig', {
          update_frequency: 1,
        }),
      },
      host_selection_retry_max_attempts: balancer.drawsPerTry ?? drawsPerTry,
      ...more,
    },
  })
  const to = (kind: CallKind, match: WireObject, retrying: WireObject) => ({
    match,
    route: { ...actionOf(kind), ...retrying },
  })
  const retryUnsent = rule === 'never' ? {} : again(unsent)
  const perTry = tryMs === undefined ? {} : { per_try_timeout: duration(tryMs) }
  return [
    ...(kinds.includes('grpc') ? [to('grpc', grpcCalls, retryUnsent)] : []),
    ...(rule === 'idempotent' ? [to('plain', idempotent, again(`${unsent},reset`, perTry))] : []),
    to('plain', functions, retryUnsent),
  ]
}
