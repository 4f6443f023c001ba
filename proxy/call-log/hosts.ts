// Which deployment a host is, by Envoy's name of it. Envoy could say a deployment's id itself, from what it knows of the host, but
// that costs it a fifth of all that telling of a call does.
import type { FaasEndpoint } from '../../server/domain/route/routing-table.ts'
import { sharedAddressWay } from '../resources/names.ts'
import { nameInside, type Place, targetsById } from '../resources/target.ts'

/** A deployment that nobody knows any more. */
const forgotten = 'forgotten'
/** Deployments come, go and move: so many names are kept beyond those of the present. */
const kept = 1_000

const hostOf = (id: string, place: Place, isShared: boolean) =>
  isShared ? `envoy://${sharedAddressWay}/${nameInside(id, place)}` : place.name

/** `endpoints`: the same list until it changes. The last calls of one that went are told after it did, so its name stays a while. */
export function createHosts(endpoints: () => readonly FaasEndpoint[]): { deploymentAt(host: string): string } {
  let seen: readonly FaasEndpoint[] = []
  const ids = new Map<string, string>()

  function look() {
    seen = endpoints()
    if (ids.size > kept + seen.length) ids.clear()
    for (const [id, { places, isShared }] of targetsById(seen))
      for (const place of places) ids.set(hostOf(id, place, isShared), id)
  }
  return {
    deploymentAt(host) {
      if (seen !== endpoints()) look()
      return ids.get(host) ?? forgotten
    },
  }
}
