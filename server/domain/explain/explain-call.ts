// What Envoy does with a call, and why: the rules that stop it, in the order in which they are asked, then where it may go.
import type { ClusterVerdict } from '../decide/kept-decision.ts'
import { type CallKind, isGrpc, kindsTold, takesKind } from '../fleet/call-kind.ts'
import type { LbPolicy } from '../policy/lb-policy.ts'
import { listOf, type Reason } from '../reason.ts'
import { calledFunction } from '../route/function-path.ts'
import { decisionName, type RouteTable } from '../route/routing-table.ts'
import { type Call, headerOf, headerValues, pathWithoutQuery } from './call.ts'
import { type Candidate, candidatesOf, excludedCandidates } from './candidates.ts'
import type { Deployment } from './deployment.ts'
import { grpcStatusOf } from './grpc-status.ts'
import {
  type IngressRules,
  nobodyHasSuchNames,
  nobodyServes,
  nobodyTakesGrpc,
  notAFunction,
  type Refusal,
  refuseMethod,
  refuseNameless,
  refuseNames,
  refusePath,
  refuseUpgrade,
  unknownBucket,
  upgradeOf,
} from './refusal.ts'
import { hideUnknown, invited, refuseCaller, saysDecision, type WhoCalls, whyUnprovable } from './who-calls.ts'

/** The bucket that a call names, as Envoys have it or are to have it. */
export type CalledBucket = {
  readonly name: string
  /** null: withdrawn, or not decided yet. */
  readonly route: { readonly tableId: string; readonly table: RouteTable } | null
  /** What was decided of each cluster. */
  readonly verdicts: readonly ClusterVerdict[]
  /** Why some Envoy may have another route; empty: all have this one. */
  readonly pending: readonly Reason[]
  /** Until then clusters that are new in the route get less than their share; `others` are not. null: none is new. */
  readonly starting: { readonly others: readonly string[]; readonly until: Date } | null
}

export type CallFacts = IngressRules & {
  readonly who: WhoCalls
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
  /** What a call of gRPC gets in its place: the HTTP status of all answers to those is 200. null: it is none, or not Envoy's own answer. */
  readonly grpcStatus: number | null
  /** null: the call names none that there is. */
  readonly bucket: string | null
  readonly lbPolicy: LbPolicy | null
  /** What its `x-fado-decision` begins with: table and policy. null: the answer has none. */
  readonly decision: string | null
  /** Names of those who may call on the bucket; null: anybody, or nobody knows which bucket it is. */
  readonly callers: readonly string[] | null
  /** Why it is refused, and what else is to be known. */
  readonly reasons: readonly Reason[]
  /** Empty where it is refused before its bucket is asked for. */
  readonly candidates: readonly Candidate[]
}

const routedCall: CallExplanation = {
  outcome: 'ROUTED',
  status: null,
  grpcStatus: null,
  bucket: null,
  lbPolicy: null,
  decision: null,
  callers: null,
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
  const unprovable = whyUnprovable(facts.who)
  const who = unprovable === undefined ? facts.who : { ...facts.who, caller: null }
  const answer = answerTo(call, { ...facts, who })
  const { status, reasons } = answer
  return {
    ...answer,
    grpcStatus: status !== null && isOfGrpc(call) ? grpcStatusOf(status) : null,
    reasons: unprovable === undefined ? reasons : [...reasons, unprovable],
  }
}

const isOfGrpc = (call: Call) => isGrpc(headerOf(call, 'content-type'))

/** `facts.who.caller`: one that can prove who it is. Without what is told of calls of gRPC alone. */
function answerTo(call: Call, facts: CallFacts): CallExplanation {
  const path = refusePath(call)
  if (path !== undefined) return refused(path)
  const { bucket } = facts
  // Envoy looks for the route first: also what it refuses then tells the decision.
  const hasRoute = bucket?.route != null && refuseMethod(call) === undefined
  const upgrade = hasRoute || facts.who.hidesBuckets ? refuseUpgrade(call) : undefined
  const atOnce = upgrade ?? refuseNames(call, facts)
  if (atOnce !== undefined) return { ...refused(atOnce), ...(hasRoute ? knownToAll(bucket, facts) : {}) }
  if (namedBucket(call, facts) === undefined) return refused(refuseNameless(call, facts))
  const method = refuseMethod(call)
  if (method !== undefined) return refused(method)
  if (bucket === null) return refused(notThere(facts))
  return bucket.route === null ? withdrawn(bucket, facts) : routed(call, bucket, bucket.route.table, facts)
}

/** By which Envoy looks for a route: of several the first. undefined: it names none. */
export const namedBucket = (call: Call, { matchHeader }: Pick<IngressRules, 'matchHeader'>): string | undefined =>
  headerValues(call, matchHeader)[0]

function known(bucket: CalledBucket, { who }: CallFacts): Partial<CallExplanation> {
  if (bucket.route === null) return {}
  const { tableId, table } = bucket.route
  return {
    bucket: bucket.name,
    lbPolicy: table.lbPolicy,
    decision: decisionName(tableId, table),
    callers: invited(table, who),
  }
}

/** The same of a call that is not let in, or not yet. */
function knownToAll(bucket: CalledBucket, facts: CallFacts): Partial<CallExplanation> {
  const isSaid = bucket.route !== null && saysDecision(bucket.route.table)
  return { ...known(bucket, facts), ...(isSaid ? {} : { decision: null }) }
}

const notThere = ({ matchHeader, who }: CallFacts) => hideUnknown(unknownBucket(matchHeader), who)

/** It is known to FaDO, and not to Envoy. */
function withdrawn({ name, verdicts, pending }: CalledBucket, facts: CallFacts): CallExplanation {
  const refusal = notThere(facts)
  return {
    ...refused(refusal),
    bucket: name,
    reasons: [{ ...refusal.reason, message: `The ingress is to know no bucket ${name}` }, ...pending],
    candidates: excludedCandidates(verdicts, facts.clusters, facts.deployments),
  }
}

function routed(call: Call, bucket: CalledBucket, table: RouteTable, facts: CallFacts): CallExplanation {
  const { name, verdicts, pending } = bucket
  const path = pathWithoutQuery(call)
  const functionName = calledFunction(path)
  const kind = kindOf(call, facts)
  const candidates =
    functionName === undefined
      ? []
      : candidatesOf(
          { ...facts, table, verdicts, others: bucket.starting?.others ?? null },
          { kind, path, functionName },
        )
  const uninvited = refuseCaller(name, table, facts.who)
  if (uninvited !== undefined)
    return {
      ...refused(uninvited),
      ...knownToAll(bucket, facts),
      reasons: [uninvited.reason, ...pending],
      candidates: candidates.map((one) => ({ ...one, eligible: false, reasons: [uninvited.reason, ...one.reasons] })),
    }
  const refusal = functionName === undefined ? notAFunction : refusalOf(candidates, nobodyOf(kind, table, facts))
  if (refusal !== undefined)
    return { ...refused(refusal), ...known(bucket, facts), reasons: [refusal.reason, ...pending], candidates }
  const reasons = [...startReasons(table, bucket), ...refusedKeys(candidates, facts), ...pending]
  return { ...routedCall, ...known(bucket, facts), reasons, candidates }
}

/** Of those that get the call: its caller may see an error in place of what the function says. */
const refusedKeys = (candidates: readonly Candidate[], { deployments }: CallFacts): Reason[] =>
  deployments
    .filter(
      ({ refusesKey, cluster, url }) =>
        refusesKey && candidates.some((one) => one.eligible && one.cluster === cluster && one.url === url),
    )
    .map(({ cluster, url }) => ({
      code: 'PLATFORM_REFUSES',
      message: `The platform at ${url} (${cluster}) refuses FaDO's key, so calls that go there get 502: give it one that it takes (fado function update)`,
    }))

const startReasons = ({ clusters }: RouteTable, { starting }: CalledBucket): Reason[] =>
  starting === null
    ? []
    : [
        {
          code: 'STARTS_SLOWLY',
          message: `Lately ${listOf(clusters.filter((cluster) => !starting.others.includes(cluster)))} came into this route: less than an even share of the calls goes there until ${starting.until.toISOString()} (slow_start), unless nobody else is well`,
        },
      ]

/** What becomes a WebSocket is none of gRPC. */
const kindOf = (call: Call, { deployments }: CallFacts): CallKind =>
  isOfGrpc(call) && upgradeOf(call) === undefined && kindsTold(deployments).includes('grpc') ? 'grpc' : 'plain'

/** Of a deployment that has no function of such names the platform itself could say no other. */
const isChosenInVain = ({ reasons }: Candidate) => reasons.length === 1 && reasons[0]?.code === 'NAME_IMPOSSIBLE'

function refusalOf(candidates: readonly Candidate[], nobody: Refusal): Refusal | undefined {
  if (candidates.some(({ eligible }) => eligible)) return undefined
  return candidates.some(isChosenInVain) ? nobodyHasSuchNames : nobody
}

/** Of clusters whose functions are all of other calls. */
function nobodyOf(kind: CallKind, { clusters }: RouteTable, { deployments }: CallFacts): Refusal {
  const there = deployments.filter(({ cluster }) => clusters.includes(cluster))
  return kind === 'grpc' && there.length > 0 && !there.some((one) => takesKind(one, kind))
    ? nobodyTakesGrpc
    : nobodyServes
}
