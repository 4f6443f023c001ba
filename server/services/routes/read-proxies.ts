import { messageNames, typeUrl } from '../../../proxy/type-urls.ts'
import { listProxies, type ProxyRecord, proxiesByIds, routesOfProxies } from '../../db/catalogue/proxies.ts'
import type { ServiceDeps } from '../shared/deps.ts'

export type ProxyView = ProxyRecord

export type ProxyResource = {
  readonly typeUrl: string
  readonly name: string
  readonly version: string
  readonly state: 'ACKED' | 'PENDING' | 'NACKED'
  /** Envoy's own text when it refused the resource. */
  readonly error: string | null
}

/** As many for each proxy: what was refused and what waits comes first. */
const shown = 200

export function createProxyReads({ pool }: Pick<ServiceDeps, 'pool'>) {
  return {
    proxies: (): Promise<ProxyRecord[]> => listProxies(pool),
    proxiesByIds: async (ids: readonly string[]): Promise<(ProxyRecord | null)[]> => {
      const found = new Map((await proxiesByIds(pool, ids)).map((proxy) => [proxy.id, proxy]))
      return ids.map((id) => found.get(id) ?? null)
    },
    /** The routes of buckets as each proxy has them. */
    proxyResources: async (ids: readonly string[]): Promise<ProxyResource[][]> => {
      const routes = Map.groupBy(await routesOfProxies(pool, ids, shown), (route) => route.proxyId)
      return ids.map((id) =>
        (routes.get(id) ?? []).map(({ bucket, number, state, error }) => ({
          typeUrl: typeUrl(messageNames.scope),
          name: bucket,
          version: String(number),
          state,
          error,
        })),
      )
    },
  }
}
