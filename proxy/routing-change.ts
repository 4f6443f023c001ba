// What may change for all Envoys, and what a change does to the model.
import type { Callers } from '../server/domain/callers/caller.ts'
import { FadoError } from '../server/domain/errors.ts'
import { isHeaderName, isOrigin } from '../server/domain/http-names.ts'
import type { BucketRoute, FaasEndpoint, RouteTable } from '../server/domain/route/routing-table.ts'
import type { UpstreamSettings } from './resources/upstream-settings.ts'
import type { Output, Rollout } from './rollout.ts'
import type { RoutingModel } from './routing-model.ts'

export type RoutingChange =
  /** Name of the request header that names the bucket. */
  | { readonly kind: 'match-header'; readonly name: string }
  /** Origins whose scripts may call, e.g. `https://app.example`, or `*` for all; empty: none. */
  | { readonly kind: 'cors-origins'; readonly origins: readonly string[] }
  /** What is set of all deployments alike. */
  | { readonly kind: 'upstreams'; readonly settings: UpstreamSettings }
  /**
   * All callers that there are, sorted by id. `hidesBuckets`: whoever the fleet's policy does not name may not learn which
   * buckets there are.
   */
  | ({ readonly kind: 'callers'; readonly hidesBuckets: boolean } & Callers)
  /** All deployments that there are. */
  | { readonly kind: 'endpoints'; readonly endpoints: readonly FaasEndpoint[] }
  /** Only what changed, in ascending numbers. */
  | { readonly kind: 'routes'; readonly routes: readonly BucketRoute[] }
  /** Contents of tables that returning Envoys may still route by although no route wants them. */
  | { readonly kind: 'tables'; readonly tables: readonly RouteTable[] }

/** Returns what follows for the Envoys that are connected. Throws VALIDATION_FAILED for what is no header and no origin. */
export function applyChange(
  change: RoutingChange,
  to: { readonly model: RoutingModel; readonly rollout: Rollout },
  now: number,
): Output[] {
  if (change.kind === 'routes') return to.rollout.setRoutes(change.routes, now)
  put(change, to.model, now)
  return to.rollout.tick(now)
}

function put(change: Exclude<RoutingChange, { kind: 'routes' }>, model: RoutingModel, now: number) {
  switch (change.kind) {
    case 'match-header':
      return model.setMatchHeader(headerName(change.name))
    case 'cors-origins':
      return model.setCorsOrigins(change.origins.map(originText))
    case 'upstreams':
      return model.setUpstreams(change.settings)
    case 'callers':
      return model.setCallers(change, change.hidesBuckets)
    case 'endpoints':
      return model.setEndpoints(change.endpoints)
    case 'tables':
      return model.remember(change.tables, now)
  }
}

function headerName(name: string): string {
  if (isHeaderName(name)) return name
  throw new FadoError('VALIDATION_FAILED', `${JSON.stringify(name)} is no header name: use letters, digits, - and _.`)
}

function originText(origin: string): string {
  if (isOrigin(origin)) return origin
  throw new FadoError('VALIDATION_FAILED', `${JSON.stringify(origin)} is no origin, such as https://app.example.`)
}
