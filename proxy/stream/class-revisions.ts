// Which revision of an Envoy cluster's endpoints Envoy has ACKed. While Envoy changes from one list of endpoints to another, e.g.
// from `fado/random/plain` to `fado/random/tls`, it uses both: the lower revision counts.
import { envoyClusterName, parseEndpointsName, type Upstream } from '../resources/names.ts'

/** `names`: of the endpoints that Envoy asks for. */
export function createClassRevisions(names: () => ReadonlySet<string>) {
  const revisions = new Map<string, number>()
  const sent = new Map<string, number>()
  /** null: to be counted again, when somebody asks. A client may name any number of endpoints. */
  let least: Map<string, number> | null = null

  /** By the name of the Envoy cluster. */
  function count(): Map<string, number> {
    const counted = new Map<string, number>()
    for (const name of names()) {
      const upstream = parseEndpointsName(name)
      if (!upstream) continue
      const cluster = envoyClusterName(upstream.policy, upstream.kind)
      const revision = revisions.get(name) ?? 0
      counted.set(cluster, Math.min(counted.get(cluster) ?? revision, revision))
    }
    return counted
  }

  return {
    sending: (name: string, revision: number) => sent.set(name, revision),
    acked(name: string, revision = sent.get(name) ?? 0) {
      revisions.set(name, revision)
      least = null
    },
    /** Envoy asks for them, or does not use them any more. */
    forget(name: string) {
      revisions.delete(name)
      least = null
    },
    revisionOf: (name: string) => revisions.get(name) ?? 0,
    /** 0: there are no endpoints of this Envoy cluster yet. */
    ackedRevision({ policy, kind }: Upstream) {
      least ??= count()
      return least.get(envoyClusterName(policy, kind)) ?? 0
    },
  }
}
