// A master that is stopped: its bucket is missing, another one than FaDO knows, or an earlier one than FaDO saw.
import type { BucketPartsFragment, ReplicaPartsFragment } from '../../graphql/generated/operations.ts'
import { isReason } from '../../server/domain/reason.ts'

export type StopWord = 'missing' | 'another one' | 'an earlier one'

const stopOf = (reason: { readonly code: string }): StopWord | null => {
  if (isReason(reason, 'MASTER_MISSING')) return 'missing'
  if (isReason(reason, 'MASTER_REGRESSED')) return 'an earlier one'
  return isReason(reason, 'MASTER_REPLACED') ? 'another one' : null
}

/** All of them. */
export const isStop = (reason: { readonly code: string }): boolean => stopOf(reason) !== null

/** What its master's bucket is; null: the one that FaDO knows. */
export const masterStop = ({ placement }: Pick<BucketPartsFragment, 'placement'>): StopWord | null =>
  placement.reasons.map(stopOf).find((stop) => stop !== null) ?? null

/** That the master is stopped is said once, of the bucket: what else holds the copy up. */
export const ownCauses = <R extends Pick<ReplicaPartsFragment, 'causes'>>(replica: R): R => ({
  ...replica,
  causes: replica.causes.filter((cause) => stopOf(cause) === null),
})

/** The clusters that take calls though the master does not: they have what it last had. */
export const servesWithout = ({ master, route }: Pick<BucketPartsFragment, 'master' | 'route'>): readonly string[] =>
  route.upstreams.map(({ cluster }) => cluster.name).filter((name) => name !== master.storageDeployment.cluster.name)
