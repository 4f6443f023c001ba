// What Envoy does with a call, and why: the rules that stop it, in the order in which they are asked, then where it may go.
import type { ClusterVerdict } from '../decide/kept-decision.ts'
import type { LbPolicy } from '../policy/lb-policy.ts'
import type { Reason } from '../reason.ts'
import { decisionName, type RouteTable } from '../route/routing-table.ts'
import { type Call, headerValues, pathWithoutQuery } from './call.ts'
import { type Candidate, candidatesOf, type Deployment, excludedCandidates } from './candidates.ts'
import { calledFunction } from './function-path.ts'
import {
  type Ingress,
  nobodyHasSuchNames,
  nobodyServes,
  notAFunction,
  type Refusal,
  refuseMethod,
  refuseNameless,
  refuseNames,
  refusePath,
  refuseUpgrade,
  unknownBucket,
} from './refusal.ts'

/** The bucket that a call names, as Envoys have it or are to have it. */
export type CalledBucket = {
  readonly name: string
  /** null: withdrawn, or not decided yet. */
  readonly route: { readonly tableId: string; readonly table: RouteTable } | null
  /** What was decided of each cluster. */
  readonly verdicts: readonly ClusterVerdict[]
  /** Why some Envoy may have another route; empty: all have this one. */
  readonly pending: readonly Reason[]
}

export type CallFacts = Ingress & {
  /** Names of all that there are. */
  readonly clusters: readonly string[]
  readonly deployments: readonly Deployment[]
  /** null: there is none of this name. */
  readonly bucket: CalledBucket | null
}

/** REJECTED: Envoy answers it by itself. */
export type CallOutcome = 'ROUTED' | 'REJECTED'

export type CallExplanation = {
  readonly outcome: CallOutcome
  /** Of Envoy's own answer; null: it is the function's. */
  readonly status: number | null
  /** null: the call names none that there is. */
  readonly bucket: string | null
  readonly lbPolicy: LbPolicy | null
  /** What its `x-fado-decision` begins with: table and policy. null: the answer has none. */
  readonly decision: string | null
  /** Why it is refused, and what else is to be known. */
  readonly reasons: readonly Reason[]
  /** Empty where it is refused before its bucket is asked for. */
  readonly candidates: readonly Candidate[]
}

const routedCall: CallExplanation = {
  outcome: 'ROUTED',
  status: null,
  bucket: null,
  lbPolicy: null,
  decision: null,
  reasons: [],
  candidates: [],
}

const refused = ({ status, reason }: Refusal): CallExplanation => ({
  ...routedCall,
  outcome: 'REJECTED',
  status,
  reasons: [reason],
})

/** `facts.bucket`: the one that `namedBucket` finds in the call. */
export function explainCall(call: Call, facts: CallFacts): CallExplanation {
  const path = refusePath(call)
  if (path !== undefined) return refused(path)
  // Envoy looks for the route first: also what it refuses then tells the decision.
  const hasRoute = facts.bucket?.route != null && refuseMethod(call) === undefined
  const atOnce = (hasRoute ? refuseUpgrade(call) : undefined) ?? refuseNames(call, facts)
  if (atOnce !== undefined) return { ...refused(atOnce), ...(hasRoute ? known(facts.bucket) : {}) }
  if (namedBucket(call, facts) === undefined) return refused(refuseNameless(call, facts))
  const method = refuseMethod(call)
  if (method !== undefined) return refused(method)
  const { bucket } = facts
  if (bucket === null) return refused(unknownBucket(facts.matchHeader))
  return bucket.route === null ? withdrawn(bucket, facts) : routed(call, bucket, bucket.route.table, facts)
}

/** By which Envoy looks for a route: of several the first. undefined: it names none. */
export const namedBucket = (call: Call, { matchHeader }: Pick<Ingress, 'matchHeader'>): string | undefined =>
  headerValues(call, matchHeader)[0]

function known(bucket: CalledBucket | null): Partial<CallExplanation> {
  if (bucket === null || bucket.route === null) return {}
  const { tableId, table } = bucket.route
  return { bucket: bucket.name, lbPolicy: table.lbPolicy, decision: decisionName(tableId, table) }
}

/** It is known to FaDO, and not to Envoy. */
function withdrawn({ name, verdicts, pending }: CalledBucket, facts: CallFacts): CallExplanation {
  const refusal = unknownBucket(facts.matchHeader)
  return {
    ...refused(refusal),
    bucket: name,
    reasons: [{ ...refusal.reason, message: `The ingress is to know no bucket ${name}` }, ...pending],
    candidates: excludedCandidates(verdicts, facts.clusters, facts.deployments),
  }
}

function routed(call: Call, bucket: CalledBucket, table: RouteTable, facts: CallFacts): CallExplanation {
  const { verdicts, pending } = bucket
  const path = pathWithoutQuery(call)
  const functionName = calledFunction(path)
  if (functionName === undefined)
    return { ...refused(notAFunction), ...known(bucket), reasons: [notAFunction.reason, ...pending] }
  const { clusters, deployments } = facts
  const candidates = candidatesOf({ table, verdicts, clusters, deployments }, path, functionName)
  const refusal = refusalOf(candidates)
  const base = refusal === undefined ? routedCall : refused(refusal)
  return { ...base, ...known(bucket), reasons: [...base.reasons, ...pending], candidates }
}

/** Of a deployment that has no function of such names the platform itself could say no other. */
const isChosenInVain = ({ reasons }: Candidate) => reasons.length === 1 && reasons[0]?.code === 'NAME_IMPOSSIBLE'

function refusalOf(candidates: readonly Candidate[]): Refusal | undefined {
  if (candidates.some(({ eligible }) => eligible)) return undefined
  return candidates.some(isChosenInVain) ? nobodyHasSuchNames : nobodyServes
}
