import type { Classes } from './resources/placement-classes.ts'

export type PolicyClasses = ReturnType<typeof createPolicyClasses>

/** The placement classes that the endpoints of one Envoy cluster have: those of all its tables. */
export function createPolicyClasses() {
  const classes = new Map<string, readonly string[]>()
  const uses = new Map<string, { count: number; since: number }>()
  let revision = 1
  return {
    classes: classes as Classes,
    revision: () => revision,
    touch() {
      revision++
    },
    /** Returns the first revision of the endpoints that has the class. */
    add(id: string, clusters: readonly string[]): number {
      const use = uses.get(id)
      if (use) {
        use.count++
        return use.since
      }
      revision++
      classes.set(id, clusters)
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
