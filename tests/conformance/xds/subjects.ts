// What stands for the resources A, B, C of the scenarios: FaDO's own of each kind, and how one of them comes, changes and goes.

import { bucketScopeName, envoyClusterName, pinScopeName, tableName } from '../../../proxy/resources/names.ts'
import type { ResourceType } from '../../../proxy/type-urls.ts'
import { contentId } from '../../../server/content-id.ts'
import type { Caller } from '../../../server/domain/callers/caller.ts'
import type { LbPolicy } from '../../../server/domain/policy/lb-policy.ts'
import type { FaasEndpoint, RouteTable } from '../../../server/domain/route/routing-table.ts'
import type { Ground, Service } from './stage.ts'

export type Subject = {
  readonly type: ResourceType
  readonly nameOf: (letter: string) => string
  /** Names that a client needs beside those it asks for. */
  readonly beside: string[]
  /** What a client asks for beside the scenario's kind, and what there is before it begins. */
  readonly begin: (existing: readonly string[]) => void
  readonly add: (letter: string) => void
  readonly update: (letter: string) => void
  readonly remove: (letter: string) => void
  /** What cannot be played with this kind, and why. `absence`: that one does not exist; `removal`: that one is taken back. */
  readonly lacks: Readonly<Partial<Record<'absence' | 'removal', string>>>
  /** What changes one changes all. */
  readonly changesAll: boolean
  /** How many resources there can be at once. */
  readonly most: number
}

const endpoint = (id: string, number: number, more: Partial<FaasEndpoint> = {}): FaasEndpoint => ({
  id,
  cluster: id,
  kind: 'HTTP',
  url: `http://10.0.0.${number + 1}:80`,
  addresses: [`10.0.0.${number + 1}`],
  weight: 1,
  health: 'healthy',
  ...more,
})
const tableOf = (clusters: string[], more: Partial<RouteTable> = {}): RouteTable => ({
  clusters,
  lbPolicy: 'round_robin',
  timeoutMs: 1000,
  ...(more.lbPolicy === 'first' ? { order: clusters } : {}),
  ...more,
})
const clusterNames = Array.from({ length: 9 }, (_, i) => `cluster-${i}`)
const never = () => {
  throw new Error('it is never taken back')
}
const alwaysThere = 'the endpoints of a policy are there before its first bucket, without hosts'
const stays = 'an Envoy cluster and its endpoints stay from their first use on: an Envoy that is away may need them'

const policies: readonly LbPolicy[] = ['round_robin', 'least_request', 'random', 'first', 'ip_hash', 'uri_hash']

/** `updated`: the letters that the scenario changes, in their order; `beside`: there are other kinds beside this one. */
export function createSubject(
  service: Service,
  { apply, ask }: Ground,
  updated: readonly string[],
  beside = false,
): Subject {
  let number = 0
  const route = (bucket: string, table: RouteTable | null) =>
    apply({ kind: 'routes', routes: [{ bucket, number: ++number, table }] })
  const endpoints = clusterNames.map((name, i) => endpoint(name, i))
  const known = () => apply({ kind: 'endpoints', endpoints })

  /** Envoy clusters and endpoints: one of each for a policy in use. */
  function ofPolicies(type: 'cluster' | 'endpoints', update: (policy: LbPolicy) => void): Subject {
    const others = policies.slice(type === 'cluster' ? 2 : updated.length)
    const policyOf = new Map<string, LbPolicy>(updated.map((letter, i) => [letter, policies[i] ?? 'random']))
    const of = (letter: string): LbPolicy => {
      const policy =
        policyOf.get(letter) ?? others[[...policyOf.keys()].filter((key) => !updated.includes(key)).length] ?? 'random'
      policyOf.set(letter, policy)
      return policy
    }
    const add = (letter: string) =>
      route(`of-${of(letter)}`, tableOf(['cluster-0', 'cluster-8'], { lbPolicy: of(letter) }))
    return {
      type,
      nameOf: (letter) => (type === 'cluster' ? envoyClusterName(of(letter)) : `${envoyClusterName(of(letter))}/plain`),
      beside: [],
      begin(existing) {
        known()
        for (const letter of existing) add(letter)
      },
      add,
      update: (letter) => update(of(letter)),
      remove: never,
      lacks: type === 'cluster' ? { removal: stays } : { removal: stays, absence: alwaysThere },
      changesAll: type === 'cluster',
      most: 4,
    }
  }

  switch (service) {
    case 'CDS': {
      let slowStartMs = 0
      return ofPolicies('cluster', () => {
        slowStartMs += 1000
        apply({ kind: 'upstreams', settings: { slowStartMs, callsAtOnce: null } })
      })
    }
    case 'EDS': {
      let classes = 0
      return ofPolicies('endpoints', (lbPolicy) => {
        classes++
        route(`${lbPolicy}-${classes}`, tableOf([`cluster-${classes}`], { lbPolicy }))
      })
    }
    case 'RDS': {
      const table = (letter: string) =>
        tableOf(['cluster-0'], { lbPolicy: 'uri_hash', callers: [letter], timeoutMs: 1000 + letter.charCodeAt(0) })
      const caller = (id: string): Caller => ({
        id,
        kind: 'token',
        issuer: 'https://login.example',
        audiences: [],
        claims: [],
      })
      const callers = new Set<string>()
      return {
        type: 'table',
        nameOf: (letter) => tableName(contentId(table(letter))),
        beside: [],
        begin(existing) {
          known()
          for (const letter of existing) route(letter, table(letter))
          ask('endpoints', { resource_names_subscribe: ['fado/uri_hash/plain'] })
          ask('scope', {})
        },
        add: (letter) => route(letter, table(letter)),
        /** A table is named by its content, but for what is known of the callers that it lets in. */
        update(letter) {
          if (!callers.delete(letter)) callers.add(letter)
          apply({ kind: 'callers', callers: [...callers].toSorted().map(caller), keys: {}, hidesBuckets: false })
        },
        remove: never,
        lacks: {
          removal:
            'a table goes with its pin, by which Envoy knows that it may drop it, and is never taken back itself',
        },
        changesAll: false,
        most: 26,
      }
    }
    case 'SRDS': {
      const tables = [tableOf(['cluster-0']), tableOf(['cluster-1'])] as const
      const ids = tables.map((table) => contentId(table))
      const at = new Map<string, 0 | 1>()
      const put = (letter: string, which: 0 | 1) => {
        at.set(letter, which)
        route(letter, tables[which])
      }
      return {
        type: 'scope',
        nameOf: bucketScopeName,
        beside: ids.map(pinScopeName),
        begin(existing) {
          known()
          for (const [i, table] of tables.entries()) route(`keeps-table-${i}`, table)
          for (const letter of existing) put(letter, 0)
          ask('endpoints', { resource_names_subscribe: ['fado/round_robin/plain'] })
          ask('table', { resource_names_subscribe: ids.map(tableName) })
        },
        add: (letter) => put(letter, 1),
        update: (letter) => put(letter, at.get(letter) === 1 ? 0 : 1),
        remove: (letter) => route(letter, null),
        lacks: {},
        changesAll: false,
        most: 26,
      }
    }
    case 'LDS': {
      // Beside buckets whose tables nobody asks for the one that takes calls does not open.
      const names = beside ? (['warming', 'ingress'] as const) : (['ingress', 'warming'] as const)
      const letters = new Map(updated.map((letter, i) => [letter, names[i] ?? 'ingress']))
      const nameOf = (letter: string) => {
        const name = letters.get(letter) ?? names.find((free) => ![...letters.values()].includes(free)) ?? 'warming'
        letters.set(letter, name)
        return name
      }
      const loadScopes = () => ask('scope', {})
      let isOpen = false
      return {
        type: 'listener',
        nameOf,
        beside: [],
        begin(existing) {
          known()
          for (const letter of existing) nameOf(letter)
          if (!beside && existing.some((letter) => nameOf(letter) === 'ingress')) loadScopes()
        },
        /** The one that takes calls is there when all scopes are. */
        add: loadScopes,
        update() {
          isOpen = !isOpen
          apply({ kind: 'cors-origins', origins: isOpen ? ['https://app.example'] : [] })
        },
        remove: never,
        lacks: {
          removal: 'both listeners stay for as long as FaDO runs',
          absence: 'the listener that takes calls will be there when all scopes are, so who asks for it waits',
        },
        changesAll: true,
        most: 2,
      }
    }
  }
}
