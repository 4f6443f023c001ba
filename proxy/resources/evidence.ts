// What an answer says about how the call was routed. Overwritten whatever a function sent, so that nobody can forge it.
import { setHeader, type WireObject } from './wire.ts'

const servedByHeader = 'x-fado-served-by'
const decisionHeader = 'x-fado-decision'

/** The cluster of the last try; Envoy leaves the header out where no cluster was tried. */
const servedBy = setHeader(servedByHeader, '%UPSTREAM_METADATA(fado:cluster)%')
const decision = (of: string) => setHeader(decisionHeader, `${of};try=%UPSTREAM_REQUEST_ATTEMPT_COUNT%`)

/** For all answers to the calls of a route, Envoy's own included. `of`: table and policy, e.g. `Ab12;round_robin`. */
export const evidence = (of: string): WireObject[] => [servedBy, decision(of)]
