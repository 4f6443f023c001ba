// What all Envoys should have: routes, the tables and classes that they need, deployments. Changes cost what they change.
import { contentId } from '../server/content-id.ts'
import { type Caller, type Callers, isByCertificate } from '../server/domain/callers/caller.ts'
import { type CallKind, kindsTold } from '../server/domain/fleet/call-kind.ts'
import { someAreKnown } from '../server/domain/fleet/function-labels.ts'
import type { LbPolicy } from '../server/domain/policy/lb-policy.ts'
import type { BucketRoute, FaasEndpoint, RouteTable } from '../server/domain/route/routing-table.ts'
import { createPolicyClasses, type PolicyClasses } from './policy-classes.ts'
import type { Guard } from './resources/callers/tokens.ts'
import { featuresOfAll } from './resources/endpoint.ts'
import { type FeatureSet, nameOfSet } from './resources/features/features.ts'
import type { CallNeeds } from './resources/listener.ts'
import { type Classes, classesOf, servedBy } from './resources/placement-classes.ts'
import type { IngressCertificate } from './resources/secret.ts'
import { nameOfSettings, noSettings, type UpstreamSettings } from './resources/upstream-settings.ts'

/** A route table with all that needs it. */
export type TableEntry = {
  readonly id: string
  /** null: an Envoy names it, but nobody has said what is in it. */
  table: RouteTable | null
  /** The first revision of its policy's endpoints that has all of its placement classes. */
  since: number
  /** Routes that point at it. */
  wanted: number
  /** Streams on which a bucket's scope points, or may point, at it. */
  serving: number
  /** Streams whose Envoy may know of it at all: by a scope, a pin or a subscription. */
  present: number
  /** Not withdrawn before this time, in milliseconds. */
  keepUntil: number
  /** Nobody needs it: it is being withdrawn. */
  retired: boolean
}

export type RoutingModel = ReturnType<typeof createRoutingModel>

type Options = {
  /** How long a table stays in Envoy after its last use, in milliseconds: calls under way may still try again by it. */
  readonly retireMs: number
  /** How long the tables of an Envoy that went away are kept for its return, in milliseconds. */
  readonly leaseMs: number
}

const tableContent = ({ callers, ...table }: RouteTable): RouteTable => ({
  ...table,
  clusters: [...new Set(table.clusters)].sort(),
  ...(callers ? { callers: [...new Set(callers)].sort() } : {}),
})

export function createRoutingModel({ retireMs, leaseMs }: Options) {
  const routes = new Map<string, { readonly number: number; readonly entry: TableEntry }>()
  const tables = new Map<string, TableEntry>()
  const tableIds = new Map<string, string>()
  const idle = new Set<TableEntry>()
  /** None of them is due before this time. */
  let idleUntil = Number.POSITIVE_INFINITY
  /** Of each policy that a table has, or had since this process began. */
  const policies = new Map<LbPolicy, PolicyClasses>()
  let endpoints: readonly FaasEndpoint[] = []
  let features: FeatureSet = []
  let upstreams: UpstreamSettings = noSettings
  let corsOrigins: readonly string[] = []
  let callers: ReadonlyMap<string, Caller> = new Map()
  let issuerKeys: Callers['keys'] = {}
  let authority: string | undefined
  let guardsUnknown = false
  let ingressCertificate: IngressCertificate | undefined
  let secretsRevision = 0
  /** Changes of health are many, and change no secret. */
  let secretsId = ''
  let callNeeds: CallNeeds = { wholeBodies: false, byFunction: false }
  let callKinds: readonly CallKind[] = kindsTold([])
  let labelled = false
  let labelledSince: ReadonlyMap<LbPolicy, number> = new Map()
  let highest = 0

  const ofPolicy = (policy: LbPolicy) => {
    const known = policies.get(policy)
    if (known) return known
    const classes = createPolicyClasses()
    policies.set(policy, classes)
    return classes
  }

  /** The same as hashing each time, at the price of a look-up: most routes share few tables. */
  function idOf(table: RouteTable): string {
    const key = JSON.stringify(table)
    const id = tableIds.get(key) ?? contentId(tableContent(table))
    tableIds.set(key, id)
    return id
  }

  /** The entry of a table with this content; made when there is none. */
  function intern(table: RouteTable): TableEntry {
    const entry = entryOf(idOf(table))
    if (entry.table) return entry
    entry.table = tableContent(table)
    const classes = ofPolicy(servedBy(entry.table))
    entry.since = Math.max(...Array.from(classesOf(entry.table), ([id, clusters]) => classes.add(id, clusters)))
    return entry
  }

  function entryOf(id: string): TableEntry {
    const known = tables.get(id)
    if (known) return known
    const unused = { wanted: 0, serving: 0, present: 0, keepUntil: 0, retired: false }
    const entry: TableEntry = { id, table: null, since: 0, ...unused }
    tables.set(id, entry)
    return entry
  }

  /** Keeps a table for at least `keepMs` from now; the time counts when nothing needs it any more. */
  function retain(entry: TableEntry, now: number, keepMs: number) {
    entry.retired = false
    // Also while it is needed here: an Envoy that went away may need it longer.
    entry.keepUntil = Math.max(entry.keepUntil, now + keepMs)
    if (entry.wanted > 0 || entry.serving > 0) {
      idle.delete(entry)
      return
    }
    idle.add(entry)
    idleUntil = Math.min(idleUntil, entry.keepUntil)
  }

  function dropIfGone(entry: TableEntry) {
    if (!entry.retired || entry.present > 0) return
    tables.delete(entry.id)
    for (const [key, id] of tableIds) if (id === entry.id) tableIds.delete(key)
    idle.delete(entry)
    if (!entry.table) return
    const classes = ofPolicy(servedBy(entry.table))
    for (const id of classesOf(entry.table).keys()) classes.remove(id)
  }

  return {
    routes: routes as ReadonlyMap<string, { readonly number: number; readonly entry: TableEntry }>,
    tables: tables as ReadonlyMap<string, TableEntry>,
    /** The highest route number seen. */
    highest: () => highest,
    secretsRevision: () => secretsRevision,
    /** What the deployments ask of all calls; another object after each change. */
    callNeeds: () => callNeeds,
    /** Once some deployment has said which functions it has, endpoints stay labelled. */
    labelled: () => labelled,
    /** The first revision of a policy's endpoints that is labelled as `callNeeds` wants it. */
    labelledSince: (policy: LbPolicy) => labelledSince.get(policy) ?? 0,
    /** The kinds that calls are told apart by: of each there is an Envoy cluster per policy, and a table has a route. */
    callKinds: () => callKinds,
    /** What the deployments ask of the Envoy clusters; another set after each change. */
    features: () => features,
    /** What is set of all deployments alike; another object after each change. */
    upstreams: () => upstreams,
    endpoints: () => endpoints,
    /** Origins whose scripts may call; another list after each change. */
    corsOrigins: () => corsOrigins,
    /** Those who may be let in, by id; another map after each change. */
    callers: () => callers,
    /** The public keys of their issuers; another record after each change. */
    issuerKeys: () => issuerKeys,
    /** Who signs the client certificates of callers, in PEM; undefined: none is known by one. It changes with the callers. */
    authority: () => authority,
    /** What the ingress shows over TLS; undefined: it speaks none. */
    ingressCertificate: () => ingressCertificate,
    guard: (): Guard => {
      if (guardsUnknown) return 'every-bucket'
      return callers.size > 0 ? 'some-buckets' : 'none'
    },
    /** Those whose Envoy clusters are needed. They only get more: an Envoy that is away may need what nobody wants here. */
    policies: policies as ReadonlyMap<LbPolicy, unknown>,
    classes: (policy: LbPolicy): Classes => policies.get(policy)?.classes ?? new Map(),
    /** Grows whenever the endpoints of this policy's Envoy cluster may differ. */
    revision: (policy: LbPolicy) => policies.get(policy)?.revision() ?? 1,
    /** Grows whenever that of any policy does. */
    classesRevision: () => [...policies.values()].reduce((sum, classes) => sum + classes.revision(), 0),

    /** Returns the tables that became wanted. A number below the bucket's present one is an old decision: ignored. */
    setRoutes(changes: readonly BucketRoute[], now: number): { changed: BucketRoute[]; wanted: TableEntry[] } {
      const changed: BucketRoute[] = []
      const wanted: TableEntry[] = []
      for (const given of changes) {
        // What is no UTF-8 would make a whole response unreadable, and the stream end.
        const change = given.bucket.isWellFormed() ? given : { ...given, bucket: given.bucket.toWellFormed() }
        const before = routes.get(change.bucket)
        if (before && before.number >= change.number) continue
        highest = Math.max(highest, change.number)
        changed.push(change)
        if (change.table) {
          const entry = intern(change.table)
          entry.wanted++
          if (entry.wanted === 1) wanted.push(entry)
          retain(entry, now, retireMs)
          routes.set(change.bucket, { number: change.number, entry })
        } else routes.delete(change.bucket)
        if (!before) continue
        before.entry.wanted--
        retain(before.entry, now, retireMs)
      }
      return { changed, wanted }
    },

    setEndpoints(next: readonly FaasEndpoint[]) {
      if (contentId(next) === contentId(endpoints)) return
      endpoints = [...next]
      callKinds = kindsTold(endpoints)
      const asked = featuresOfAll(endpoints)
      if (nameOfSet(asked) !== nameOfSet(features)) features = asked
      const secrets = contentId(endpoints.map(({ id, url, auth, tls, secrets }) => [id, url, auth, tls, secrets]))
      if (secrets !== secretsId) secretsRevision++
      secretsId = secrets
      for (const classes of policies.values()) classes.touch()
      const needs = { wholeBodies: features.includes('event'), byFunction: someAreKnown(endpoints) }
      if (needs.wholeBodies === callNeeds.wholeBodies && needs.byFunction === callNeeds.byFunction) return
      callNeeds = needs
      labelled ||= needs.byFunction
      labelledSince = new Map(Array.from(policies, ([policy, { revision }]) => [policy, revision()]))
    },

    setUpstreams(next: UpstreamSettings) {
      if (nameOfSettings(next) !== nameOfSettings(upstreams)) upstreams = next
    },

    setCorsOrigins(next: readonly string[]) {
      if (contentId(next) !== contentId(corsOrigins)) corsOrigins = [...next]
    },

    /** `everywhere`: a bucket that is not there answers as one that is guarded. */
    setCallers({ callers: next, keys }: Callers, everywhere: boolean) {
      guardsUnknown = everywhere
      if (contentId(next) !== contentId([...callers.values()])) callers = new Map(next.map((one) => [one.id, one]))
      if (contentId(keys) !== contentId(issuerKeys)) issuerKeys = keys
      authority = next.find(isByCertificate)?.authority
    },

    setIngressCertificate(next: IngressCertificate) {
      ingressCertificate = next
      secretsRevision++
    },

    /** Contents of tables that Envoys may still route by although no route wants them. */
    remember(contents: readonly RouteTable[], now: number) {
      for (const table of contents) retain(intern(table), now, leaseMs)
    },

    /** The entry of a table that an Envoy names; made when it is unknown. */
    entryOf,

    /** A stream's Envoy begins (+1) or ceases (-1) to know of a table, or to route buckets by it. */
    count(entry: TableEntry, what: 'serving' | 'present', step: 1 | -1, now: number, lost = false) {
      entry[what] += step
      if (what === 'serving') retain(entry, now, lost ? leaseMs : retireMs)
      else if (!idle.has(entry)) retain(entry, now, retireMs)
      dropIfGone(entry)
    },

    /** Returns the tables that are to be withdrawn from now on. */
    retire(now: number): TableEntry[] {
      if (now < idleUntil) return []
      const due = [...idle].filter((entry) => !entry.retired && entry.keepUntil <= now)
      for (const entry of due) {
        entry.retired = true
        dropIfGone(entry)
      }
      idleUntil = Number.POSITIVE_INFINITY
      for (const { retired, keepUntil } of idle) if (!retired) idleUntil = Math.min(idleUntil, keepUntil)
      return due
    },

    /** When `retire` may have something to do. */
    nextRetirement: (): number | null => (Number.isFinite(idleUntil) ? idleUntil : null),
  }
}
