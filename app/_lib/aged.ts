// Copies as late as they are now: an age that was read a while ago goes on without any news.
import type { BucketPartsFragment, ReplicaPartsFragment } from '../../graphql/generated/operations.ts'

/** `now`: by the server's clock. */
export function agedCopy<C extends Pick<ReplicaPartsFragment, 'lag'>>(copy: C, now: Date): C {
  const { lag } = copy
  if (lag.oldestSince === null) return copy
  const seconds = (now.getTime() - new Date(lag.oldestSince).getTime()) / 1000
  return { ...copy, lag: { ...lag, oldestSeconds: Math.max(lag.oldestSeconds, seconds) } }
}

export const agedBucket = <B extends Pick<BucketPartsFragment, 'replicas'>>(bucket: B, now: Date): B => ({
  ...bucket,
  replicas: bucket.replicas.map((replica) => agedCopy(replica, now)),
})
