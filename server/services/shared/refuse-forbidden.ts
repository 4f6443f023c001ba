import { isIP } from 'node:net'
import { addressesOfHost } from '../../host-addresses.ts'
import { hostOf, portOf } from '../../host-and-port.ts'
import { invalid } from './check-input.ts'
import type { ServiceDeps } from './deps.ts'

type Deps = Pick<ServiceDeps, 'forbiddenTarget'>

function refuse({ forbiddenTarget }: Deps, address: string, url: URL, path: readonly string[]): void {
  const why = forbiddenTarget(address, portOf(url))
  if (why !== undefined) throw invalid(`Nothing may be sent to ${address}: it is ${why}`, [...path])
}

/** Of a name it is judged where its address is looked up, before anything goes there. */
export function refuseForbidden(deps: Deps, given: string, path: readonly string[]): void {
  const url = new URL(given)
  if (isIP(hostOf(url)) !== 0) refuse(deps, hostOf(url), url, path)
}

/** Of a name by the addresses that it has now; who asks there does not judge. */
export async function refuseForbiddenNow(deps: Deps, given: string, path: readonly string[]): Promise<void> {
  const url = new URL(given)
  const found = await addressesOfHost(hostOf(url)).catch(() => [])
  for (const { address } of found) refuse(deps, address, url, path)
}
