// All use cases in one record, for those who only translate: GraphQL and the routes of the server.

import { limitConcurrency } from '../limit-concurrency.ts'
import { adoptBucket } from './buckets/adopt-bucket.ts'
import { createBucket } from './buckets/create-bucket.ts'
import { deleteBucket } from './buckets/delete-bucket.ts'
import { releaseReplica } from './buckets/release-replica.ts'
import { resolveMaster } from './buckets/resolve-master.ts'
import { resyncReplica } from './buckets/resync-replica.ts'
import { createCaller } from './callers/create-caller.ts'
import { deleteCaller } from './callers/delete-caller.ts'
import { readCallers } from './callers/read-callers.ts'
import { createCallWatch } from './calls/watch-calls.ts'
import { createReads } from './catalogue/read-catalogue.ts'
import { healthChanges } from './catalogue/read-health-changes.ts'
import { addFaas, removeFaas, updateFaas } from './clusters/change-faas.ts'
import { createCluster } from './clusters/create-cluster.ts'
import { deleteCluster } from './clusters/delete-cluster.ts'
import { updateCluster } from './clusters/update-cluster.ts'
import type { ChangeFeed } from './events/change-feed.ts'
import { abortUpload } from './objects/abort-upload.ts'
import { beginUpload } from './objects/begin-upload.ts'
import { completeUpload } from './objects/complete-upload.ts'
import { deleteObjects } from './objects/delete-objects.ts'
import { downloadUrl, folderPage, objectDetails, objectOrigins } from './objects/read-object.ts'
import { putObject, putPart, readObject } from './objects/stream-object.ts'
import { partsAtStore, uploadParts } from './objects/upload-parts.ts'
import { setPolicy, unsetPolicy } from './policies/change-policy.ts'
import { describePolicies, policiesOfBuckets, policiesOfClusters, policiesOfFleet } from './policies/read-policies.ts'
import { createReplicationWaits } from './replication/await-replicated.ts'
import { pauseReplication, resumeReplication } from './replication/pause.ts'
import { createLinkReads } from './replication/read-links.ts'
import { conformances, runPage } from './replication/read-runs.ts'
import { sweepsOf } from './replication/read-sweeps.ts'
import { clearRouteOverride, setRouteOverride } from './routes/change-route-override.ts'
import { explainRequest } from './routes/explain-call.ts'
import { explainDecision } from './routes/explain-decision.ts'
import { forgetProxy } from './routes/forget-proxy.ts'
import { readIngress } from './routes/read-ingress.ts'
import { createProxyReads } from './routes/read-proxies.ts'
import { type Actor, requireRole } from './shared/authorize.ts'
import type { ServiceDeps } from './shared/deps.ts'
import type { PageInput } from './shared/paging.ts'
import { addStorage } from './stores/add-storage.ts'
import { removeStorage } from './stores/remove-storage.ts'
import { unmanagedBuckets } from './stores/unmanaged-buckets.ts'
import { updateStorage } from './stores/update-storage.ts'
import { authenticate } from './tokens/authenticate.ts'
import { createToken, readTokens, revokeToken } from './tokens/change-token.ts'

/** Each holds a connection of its own while its store works. */
const creationsAtOnce = 8
/** Pages of buckets that are there already: each asks its store hundreds of questions. */
const looksAtOnce = 4

export type Services = ReturnType<typeof createServices>

export function createServices(deps: ServiceDeps & { readonly feed: ChangeFeed }) {
  const use =
    <A extends unknown[], R>(useCase: (deps: ServiceDeps, ...args: A) => R) =>
    (...args: A): R =>
      useCase(deps, ...args)
  /** Who may change nothing is told so before anything is read or any store is asked. */
  const toChange =
    <A extends unknown[], R>(useCase: (deps: ServiceDeps, actor: Actor, ...args: A) => Promise<R>) =>
    async (actor: Actor, ...args: A): Promise<R> => {
      requireRole(actor, 'OPERATOR')
      return useCase(deps, actor, ...args)
    }
  const creating = limitConcurrency(creationsAtOnce)
  const looking = limitConcurrency(looksAtOnce)
  const registering = limitConcurrency(1)
  return {
    ...createReads(deps),
    ...createProxyReads(deps),
    ...createLinkReads(deps.pool),
    ...createReplicationWaits(deps),
    ...createCallWatch(deps),
    describePolicies,
    policiesOfBuckets: use(policiesOfBuckets),
    policiesOfClusters: use(policiesOfClusters),
    policiesOfFleet: use(policiesOfFleet),
    readIngress: use(readIngress),
    explainRequest: use(explainRequest),
    explainDecision: use(explainDecision),
    readTokens: use(readTokens),
    readCallers: use(readCallers),
    createCaller: toChange(createCaller),
    deleteCaller: toChange(deleteCaller),
    authenticate: use(authenticate),
    createCluster: toChange(createCluster),
    updateCluster: toChange(updateCluster),
    deleteCluster: toChange(deleteCluster),
    addFaas: toChange(addFaas),
    updateFaas: toChange(updateFaas),
    removeFaas: toChange(removeFaas),
    addStorage: toChange((...args: Parameters<typeof addStorage>) => registering(() => addStorage(...args))),
    updateStorage: toChange((...args: Parameters<typeof updateStorage>) => registering(() => updateStorage(...args))),
    removeStorage: toChange(removeStorage),
    createBucket: toChange((...args: Parameters<typeof createBucket>) => creating(() => createBucket(...args))),
    adoptBucket: toChange((...args: Parameters<typeof adoptBucket>) => creating(() => adoptBucket(...args))),
    deleteBucket: toChange(deleteBucket),
    setPolicy: toChange(setPolicy),
    unsetPolicy: toChange(unsetPolicy),
    setRouteOverride: toChange(setRouteOverride),
    clearRouteOverride: toChange(clearRouteOverride),
    forgetProxy: toChange(forgetProxy),
    resyncReplica: toChange(resyncReplica),
    pauseReplication: toChange(pauseReplication),
    resumeReplication: toChange(resumeReplication),
    releaseReplica: toChange(releaseReplica),
    unmanagedBuckets: (...[storageId, page]: [string, PageInput]) =>
      looking(() => unmanagedBuckets(deps, storageId, page)),
    resolveMaster: toChange(resolveMaster),
    healthChanges: use(healthChanges),
    runPage: use(runPage),
    conformances: use(conformances),
    sweepsOf: use(sweepsOf),
    folderPage: use(folderPage),
    objectDetails: use(objectDetails),
    objectOrigins: use(objectOrigins),
    downloadUrl: use(downloadUrl),
    readObject: use(readObject),
    beginUpload: toChange(beginUpload),
    uploadParts: toChange(uploadParts),
    partsAtStore: toChange(partsAtStore),
    completeUpload: toChange(completeUpload),
    abortUpload: toChange(abortUpload),
    putObject: toChange(putObject),
    putPart: toChange(putPart),
    deleteObjects: toChange(deleteObjects),
    createToken: use(createToken),
    revokeToken: use(revokeToken),
    watch: deps.feed.watch,
    onTokenRevoked: deps.feed.onTokenRevoked,
  }
}
