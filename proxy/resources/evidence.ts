// What an answer says about how the call was routed. Overwritten whatever a function sent, so that nobody can forge it.
import { setHeader, struct, type WireObject } from './wire.ts'

const servedByHeader = 'x-fado-served-by'
const decisionHeader = 'x-fado-decision'

/** The cluster of the last try; Envoy leaves the header out where no cluster was tried. */
const servedBy = setHeader(servedByHeader, '%UPSTREAM_METADATA(fado:cluster)%')
const decision = (of: string) => setHeader(decisionHeader, `${of};try=%UPSTREAM_REQUEST_ATTEMPT_COUNT%`)

/** For the answers that come by a route. `of`: table and policy, e.g. `Ab12;round_robin`. */
export const evidence = (of: string): WireObject[] => [servedBy, decision(of)]

/** Keeps the same at a route, for an answer of Envoy's own that cuts a call off and so passes no route. */
export const evidenceOfRoute = (of: string): WireObject => ({ filter_metadata: { fado: struct({ decision: of }) } })
export const evidenceFromRoute: readonly WireObject[] = [servedBy, decision('%METADATA(ROUTE:fado:decision)%')]
