// A storage deployment is tried before it is stored.
import { v7 } from 'uuid'
import { type ClusterRecord, changeCluster } from '../../db/catalogue/clusters.ts'
import { insertStorage, recordDatesMove, storageTaken } from '../../db/catalogue/storage-deployments.ts'
import { withLock } from '../../db/core/advisory-lock.ts'
import type { Tx } from '../../db/core/pool.ts'
import { markBuckets } from '../../db/queue/dirty-buckets.ts'
import { bucketNameOn, bucketNameProblem } from '../../domain/bucket-name.ts'
import { FadoError } from '../../domain/errors.ts'
import { anyStore } from '../../domain/policy/definitions.ts'
import type { Actor } from '../shared/authorize.ts'
import { asDuplicate, beingDeleted, change, requireVersion } from '../shared/change.ts'
import { checkName, invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { clusterToChange } from '../shared/find.ts'
import { tryStore } from './probe-store.ts'
import {
  checkSettings,
  detailOf,
  duplicates,
  registrationLock,
  type StoreAddress,
  settingsOf,
  type TriedStore,
  type WantedStore,
} from './storage-settings.ts'

export type AddStorage = StoreAddress & {
  readonly cluster: string
  readonly name: string
  readonly endpoint: string
  readonly accessKey: string
  readonly secretKey: string
  readonly bucketNameTemplate: string
  /** The cluster's. */
  readonly expectedVersion?: number | null | undefined
}

/** Refuses what the database would refuse in the end, before the store is tried. */
async function checkNew(deps: ServiceDeps, actor: Actor, input: AddStorage, endpoint: string): Promise<void> {
  await deps.pool.transaction((tx) => activeCluster(tx, actor, input))
  const taken = await storageTaken(deps.pool, input.name, endpoint)
  if (taken === undefined) return
  const { message, path } = duplicates(input.name, endpoint)[taken]
  throw new FadoError('ALREADY_EXISTS', message, { path })
}

async function activeCluster(tx: Tx, actor: Actor, input: AddStorage): Promise<ClusterRecord> {
  const cluster = await clusterToChange(tx, actor, input.cluster)
  requireVersion(input.expectedVersion, cluster.version, `The cluster ${cluster.name}`)
  if (cluster.state === 'deleting') throw beingDeleted(`The cluster ${cluster.name}`, ['cluster'])
  return cluster
}

/** Returns the id of the new store. */
export async function addStorage(deps: ServiceDeps, actor: Actor, input: AddStorage): Promise<string> {
  const { name, bucketNameTemplate } = input
  checkName(name, ['name'])
  if (name === anyStore) throw invalid(`A store cannot be called ${anyStore}: that word means any store`, ['name'])
  const problem = bucketNameProblem(bucketNameOn(bucketNameTemplate, 'bucket'))
  if (!bucketNameTemplate.includes('{bucket}') || problem !== undefined)
    throw invalid('bucketNameTemplate must hold {bucket} and make names of buckets', ['bucketNameTemplate'])
  const wanted = checkSettings(wantedOf(input))
  await checkNew(deps, actor, input, wanted.endpoint)
  return withLock(deps.pool, registrationLock, async () =>
    insert(deps, actor, input, { ...wanted, ...(await tryStore(deps, wanted)) }),
  )
}

const wantedOf = ({ endpoint, accessKey, secretKey, ...input }: AddStorage): WantedStore => ({
  ...{ endpoint, accessKey, secretKey },
  sessionToken: input.sessionToken ?? null,
  region: input.region ?? null,
  publicEndpoint: input.publicEndpoint ?? null,
  managementUrl: input.managementUrl ?? null,
  addressing: input.addressing ?? 'auto',
  caCertificates: input.caCertificates ?? null,
  skipTlsVerify: input.skipTlsVerify ?? false,
  events: input.events ?? 'auto',
  snsTopics: input.snsTopics ?? [],
})

async function insert(deps: ServiceDeps, actor: Actor, input: AddStorage, wanted: TriedStore): Promise<string> {
  const { name, bucketNameTemplate } = input
  return change(deps, actor, 'storageDeploymentAdd', async (tx) => {
    const cluster = await activeCluster(tx, actor, input)
    const id = v7()
    const settings = settingsOf(deps, id, wanted)
    await insertStorage(tx, { ...settings, id, clusterId: cluster.id, name, bucketNameTemplate })
    if (wanted.datesMove !== null) await recordDatesMove(tx, id, wanted.datesMove)
    await changeCluster(tx, cluster)
    await markBuckets(tx, { kind: 'all' }) // it may take copies that had no place
    tx.changed('storage', [id])
    const detail = { cluster: cluster.name, bucketNameTemplate, ...detailOf(settings) }
    return { result: id, subject: name, detail }
  }).catch((error: unknown) => {
    throw asDuplicate(error, duplicates(name, wanted.endpoint))
  })
}
