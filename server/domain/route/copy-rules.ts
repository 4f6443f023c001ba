// Why the data of a copy may not serve calls: a rule for each reason.
import { zonesAllow } from '../fleet/zones.ts'
import type { BucketPolicies } from '../policy/definitions.ts'
import type { Reason } from '../reason.ts'
import type { ReasonRule } from '../reason-rule.ts'
import type { MasterStop } from '../trouble/trouble.ts'

/** A copy of the bucket, the master's included, with what decides whether it may serve. Ages in seconds. */
export type RouteCopy = {
  readonly storageId: string
  readonly store: string
  readonly storeHealthy: boolean
  /** It was down and has not been well for long enough yet. */
  readonly storeReturning: boolean
  /** The present route names its cluster. */
  readonly inRoute: boolean
  readonly cluster: string
  readonly zones: readonly string[]
  readonly functions: number
  /** One of them is not down. */
  readonly functionsAnswer: boolean
  readonly role: 'master' | 'replica'
  /** Of a master: its bucket is not the recorded one or went backwards, so a call there would find nothing, a stranger's data, or old data. */
  readonly stop: MasterStop | null
  /** Of a replica: the decision keeps it; its first sync was verified complete. */
  readonly wanted: boolean
  readonly complete: boolean
  readonly conflicts: number
  /** Age of the oldest change it is known to lack; null when it lacks none. */
  readonly oldestSeconds: number | null
}

type About = { readonly copy: RouteCopy; readonly policies: Pick<BucketPolicies, 'zones' | 'max_staleness'> }

const isForbidden = ({ copy, policies }: About) => !zonesAllow(policies.zones, copy)
const isReplica = ({ copy }: About) => copy.role === 'replica'

const sayNoFunctions = (cluster: string) => `${cluster} has no function deployment`
/** The same of a cluster without a copy. */
export const noFunctions = (cluster: string): Reason => ({ code: 'NO_FUNCTIONS', message: sayNoFunctions(cluster) })

/** It may serve where none holds. */
export const copyRules: readonly ReasonRule<About>[] = [
  {
    code: 'WITHDRAWN',
    holds: (about) => isReplica(about) && !about.copy.wanted,
    say: ({ copy }) => `The copy on ${copy.store} is being removed`,
  },
  {
    code: 'RESIDENCY_VIOLATION',
    holds: (about) => isForbidden(about) && !isReplica(about),
    say: ({ copy }) => `The master's cluster ${copy.cluster} is in none of the allowed zones`,
  },
  {
    code: 'ZONE_FORBIDS',
    holds: (about) => isForbidden(about) && isReplica(about),
    say: ({ copy }) => `${copy.cluster} is in none of the allowed zones`,
  },
  {
    code: 'NO_FUNCTIONS',
    holds: ({ copy }) => copy.functions === 0,
    say: ({ copy }) => sayNoFunctions(copy.cluster),
  },
  {
    code: 'STORE_UNREACHABLE',
    holds: ({ copy }) => !copy.storeHealthy,
    say: ({ copy }) => `The store ${copy.store} is down`,
  },
  {
    code: 'MASTER_MISSING',
    holds: ({ copy }) => copy.stop === 'missing',
    say: ({ copy }) => `The master's bucket on ${copy.store} is missing`,
  },
  {
    code: 'MASTER_REPLACED',
    holds: ({ copy }) => copy.stop === 'replaced',
    say: ({ copy }) => `The master's bucket on ${copy.store} is another one`,
  },
  {
    code: 'MASTER_REGRESSED',
    holds: ({ copy }) => copy.stop === 'regressed',
    say: ({ copy }) => `The master on ${copy.store} went backwards`,
  },
  {
    code: 'NOT_COMPLETE',
    holds: (about) => isReplica(about) && !about.copy.complete,
    say: ({ copy }) => `The copy on ${copy.store} is not complete yet`,
  },
  {
    code: 'IN_CONFLICT',
    holds: (about) => isReplica(about) && about.copy.conflicts > 0,
    say: ({ copy }) => `${copy.store} holds other data than the master`,
  },
  {
    code: 'TOO_STALE',
    holds: ({ copy, policies }) =>
      copy.role === 'replica' && copy.oldestSeconds !== null && copy.oldestSeconds >= policies.max_staleness,
    say: ({ copy, policies }) =>
      `The copy on ${copy.store} has lacked a change for more than ${policies.max_staleness} s`,
  },
]
