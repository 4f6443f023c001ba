// The placement classes that endpoints have, by load-balancing policy: each policy has an Envoy cluster of its own.
import type { LbPolicy } from '../../server/domain/policy/lb-policy.ts'
import type { Classes, EnvoyClass } from '../resources/placement-classes.ts'

type PolicyClasses = ReturnType<typeof createPolicyClasses>

/** The placement classes that the endpoints of one Envoy cluster have: those of all its tables. */
function createPolicyClasses() {
  const classes = new Map<string, EnvoyClass>()
  const uses = new Map<string, { count: number; since: number }>()
  let revision = 1
  return {
    classes: classes as Classes,
    revision: () => revision,
    touch() {
      revision++
    },
    /** Returns the first revision of the endpoints that has the class. */
    add(id: string, placement: EnvoyClass): number {
      const use = uses.get(id)
      if (use) {
        use.count++
        return use.since
      }
      revision++
      classes.set(id, placement)
      uses.set(id, { count: 1, since: revision })
      return revision
    },
    remove(id: string) {
      const use = uses.get(id)
      if (!use || --use.count > 0) return
      revision++
      uses.delete(id)
      classes.delete(id)
    },
  }
}

export type ClassesByPolicy = ReturnType<typeof createClassesByPolicy>

export function createClassesByPolicy() {
  /** Of each policy that a table has, or had since this process began. */
  const policies = new Map<LbPolicy, PolicyClasses>()
  return {
    /** Those whose Envoy clusters are needed. They only get more: an Envoy that is away may need what nobody wants here. */
    policies: policies as ReadonlyMap<LbPolicy, unknown>,
    classes: (policy: LbPolicy): Classes => policies.get(policy)?.classes ?? new Map(),
    /** Grows whenever the endpoints of this policy's Envoy cluster may differ. */
    revision: (policy: LbPolicy) => policies.get(policy)?.revision() ?? 1,
    /** Grows whenever that of any policy does. */
    classesRevision: () => [...policies.values()].reduce((sum, classes) => sum + classes.revision(), 0),
    /** Made when there are none yet. */
    ofPolicy(policy: LbPolicy): PolicyClasses {
      const known = policies.get(policy)
      if (known) return known
      const classes = createPolicyClasses()
      policies.set(policy, classes)
      return classes
    },
    /** All endpoints may differ. */
    touch() {
      for (const classes of policies.values()) classes.touch()
    },
  }
}
