// All use cases in one record, for those who only translate: GraphQL and the routes of the server.

import { addStorage } from './add-storage.ts'
import { authenticate } from './authenticate.ts'
import { addFaas, removeFaas, updateFaas } from './change-faas.ts'
import type { ChangeFeed } from './change-feed.ts'
import { setPolicy, unsetPolicy } from './change-policy.ts'
import { clearRouteOverride, setRouteOverride } from './change-route-override.ts'
import { createToken, readTokens, revokeToken } from './change-token.ts'
import { createBucket } from './create-bucket.ts'
import { createCluster } from './create-cluster.ts'
import { deleteBucket } from './delete-bucket.ts'
import { deleteCluster } from './delete-cluster.ts'
import type { ServiceDeps } from './deps.ts'
import { limitConcurrency } from './limit-concurrency.ts'
import { createReads } from './read-catalogue.ts'
import { readIngress } from './read-ingress.ts'
import { describePolicies, policiesOfBuckets, policiesOfFleet } from './read-policies.ts'
import { createProxyReads } from './read-proxies.ts'
import { removeStorage } from './remove-storage.ts'
import { resyncReplica } from './resync-replica.ts'
import { updateCluster } from './update-cluster.ts'
import { updateStorage } from './update-storage.ts'

/** Each holds a connection of its own while its store works. */
const creationsAtOnce = 8

export type Services = ReturnType<typeof createServices>

export function createServices(deps: ServiceDeps & { readonly feed: ChangeFeed }) {
  const use =
    <A extends unknown[], R>(useCase: (deps: ServiceDeps, ...args: A) => R) =>
    (...args: A): R =>
      useCase(deps, ...args)
  const makeBucket = use(createBucket)
  const creating = limitConcurrency(creationsAtOnce)
  const addStore = use(addStorage)
  const updateStore = use(updateStorage)
  const registering = limitConcurrency(1)
  return {
    ...createReads(deps),
    ...createProxyReads(deps),
    describePolicies,
    policiesOfBuckets: use(policiesOfBuckets),
    policiesOfFleet: use(policiesOfFleet),
    readIngress: use(readIngress),
    readTokens: use(readTokens),
    authenticate: use(authenticate),
    createCluster: use(createCluster),
    updateCluster: use(updateCluster),
    deleteCluster: use(deleteCluster),
    addFaas: use(addFaas),
    updateFaas: use(updateFaas),
    removeFaas: use(removeFaas),
    addStorage: (...args: Parameters<typeof addStore>) => registering(() => addStore(...args)),
    updateStorage: (...args: Parameters<typeof updateStore>) => registering(() => updateStore(...args)),
    removeStorage: use(removeStorage),
    createBucket: (...args: Parameters<typeof makeBucket>) => creating(() => makeBucket(...args)),
    deleteBucket: use(deleteBucket),
    setPolicy: use(setPolicy),
    unsetPolicy: use(unsetPolicy),
    setRouteOverride: use(setRouteOverride),
    clearRouteOverride: use(clearRouteOverride),
    resyncReplica: use(resyncReplica),
    createToken: use(createToken),
    revokeToken: use(revokeToken),
    watch: deps.feed.watch,
    onTokenRevoked: deps.feed.onTokenRevoked,
  }
}
