// What is known of the fleet, whatever its buckets: function deployments, callers, what is set for all alike.
import { contentId } from '../../server/content-id.ts'
import { authorityOf, type Caller, type Callers } from '../../server/domain/callers/caller.ts'
import { type CallKind, kindsTold } from '../../server/domain/fleet/call-kind.ts'
import { someAreKnown } from '../../server/domain/fleet/function-labels.ts'
import { policyDefinitions } from '../../server/domain/policy/definitions.ts'
import type { LbPolicy } from '../../server/domain/policy/lb-policy.ts'
import type { FaasEndpoint } from '../../server/domain/route/routing-table.ts'
import type { Guard } from '../resources/callers/tokens.ts'
import { featuresOfAll } from '../resources/endpoint.ts'
import { type FeatureSet, nameOfSet } from '../resources/features/features.ts'
import type { ForAllCalls } from '../resources/listener.ts'
import type { IngressCertificate } from '../resources/secret.ts'
import { nameOfSettings, noSettings, type UpstreamSettings } from '../resources/upstream-settings.ts'
import type { ClassesByPolicy } from './policy-classes.ts'

/** As it is while nobody sets anything. */
const asIfNew: ForAllCalls = {
  matchHeader: policyDefinitions.lb_match_header.default,
  corsOrigins: [],
  guard: 'none',
  authority: undefined,
  wholeBodies: false,
  byFunction: false,
}

function guardOf(callers: ReadonlyMap<string, Caller>, hidesBuckets: boolean): Guard {
  if (hidesBuckets) return 'hides-buckets'
  return callers.size > 0 ? 'some-buckets' : 'none'
}

const secretsOf = (endpoints: readonly FaasEndpoint[]) =>
  contentId(endpoints.map(({ id, url, auth, tls, secrets }) => [id, url, auth, tls, secrets]))

export function createFleet(classes: Pick<ClassesByPolicy, 'policies' | 'revision' | 'touch'>) {
  let endpoints: readonly FaasEndpoint[] = []
  let features: FeatureSet = []
  let callKinds: readonly CallKind[] = kindsTold([])
  let upstreams: UpstreamSettings = noSettings
  let forAllCalls = asIfNew
  let callers: ReadonlyMap<string, Caller> = new Map()
  let issuerKeys: Callers['keys'] = {}
  let ingressCertificate: IngressCertificate | undefined
  let secretsRevision = 0
  /** Changes of health are many, and change no secret. */
  let secretsId = ''
  let labelled = false
  let labelledSince: ReadonlyMap<LbPolicy, number> = new Map()

  function setForAllCalls(given: Partial<ForAllCalls>): void {
    const next = { ...forAllCalls, ...given }
    if (contentId(next) !== contentId(forAllCalls)) forAllCalls = next
  }

  return {
    endpoints: () => endpoints,
    /** What the deployments ask of the Envoy clusters; another set after each change. */
    features: () => features,
    /** The kinds that calls are told apart by: of each there is an Envoy cluster per policy, and a table has a route. */
    callKinds: () => callKinds,
    /** What is set of all deployments alike; another object after each change. */
    upstreams: () => upstreams,
    /** What holds for all calls; another object after each change. */
    forAllCalls: () => forAllCalls,
    /** Those who may be let in, by id; another map after each change. */
    callers: () => callers,
    /** The public keys of their issuers; another record after each change. */
    issuerKeys: () => issuerKeys,
    /** What the ingress shows over TLS; undefined: it speaks none. */
    ingressCertificate: () => ingressCertificate,
    secretsRevision: () => secretsRevision,
    /** Once some deployment has said which functions it has, endpoints stay labelled. */
    labelled: () => labelled,
    /** The first revision of a policy's endpoints that is labelled as all calls want it. */
    labelledSince: (policy: LbPolicy) => labelledSince.get(policy) ?? 0,

    setEndpoints(next: readonly FaasEndpoint[]) {
      if (contentId(next) === contentId(endpoints)) return
      endpoints = [...next]
      callKinds = kindsTold(endpoints)
      const asked = featuresOfAll(endpoints)
      if (nameOfSet(asked) !== nameOfSet(features)) features = asked
      const secrets = secretsOf(endpoints)
      if (secrets !== secretsId) secretsRevision++
      secretsId = secrets
      classes.touch()
      const byFunction = someAreKnown(endpoints)
      const relabels = byFunction !== forAllCalls.byFunction
      setForAllCalls({ wholeBodies: features.includes('event'), byFunction })
      if (!relabels) return
      labelled ||= byFunction
      labelledSince = new Map(Array.from(classes.policies.keys(), (policy) => [policy, classes.revision(policy)]))
    },

    setUpstreams(next: UpstreamSettings) {
      if (nameOfSettings(next) !== nameOfSettings(upstreams)) upstreams = next
    },

    /** Name of the request header that names the bucket. */
    setMatchHeader(name: string) {
      setForAllCalls({ matchHeader: name })
    },

    setCorsOrigins(next: readonly string[]) {
      setForAllCalls({ corsOrigins: [...next] })
    },

    /** `hidesBuckets`: a bucket that is not there answers as one that is guarded. */
    setCallers({ callers: next, keys }: Callers, hidesBuckets: boolean) {
      if (contentId(next) !== contentId([...callers.values()])) callers = new Map(next.map((one) => [one.id, one]))
      if (contentId(keys) !== contentId(issuerKeys)) issuerKeys = keys
      setForAllCalls({ guard: guardOf(callers, hidesBuckets), authority: authorityOf(next) })
    },

    setIngressCertificate(next: IngressCertificate) {
      ingressCertificate = next
      secretsRevision++
    },
  }
}
