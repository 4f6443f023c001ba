'use client'
import {
  type BucketPartsFragment,
  ReleaseReplicaDocument,
  type ReplicaPartsFragment,
} from '../../../graphql/generated/operations.ts'
import { name, say } from '../../_lib/parts.ts'
import { Confirm } from '../shared/confirm.tsx'

type Props = {
  readonly bucket: BucketPartsFragment
  readonly replica: ReplicaPartsFragment
  readonly onClose: () => void
}

/** Lets a copy go and keeps its data. */
export function Release({ bucket, replica, onClose }: Props) {
  const store = replica.storageDeployment.name
  return (
    <Confirm
      title="Release the copy on"
      name={store}
      act="Release it, keep its data"
      document={ReleaseReplicaDocument}
      input={{ bucket: bucket.name, storageDeployment: store }}
      done={say`Releasing ${name(bucket.name)} on ${name(store)}: its data stays.`}
      onClose={onClose}
    >
      <p className="text-ink-2">
        Calls go there no more, and FaDO forgets the copy. Its objects stay as they are: from now on nothing is copied
        to them, changed or deleted, also no delete that waits.
      </p>
      <p className="text-ink-2">
        FaDO makes no other copy there as long as that bucket is there; where the policies want one more copy, it is
        made on another store. The bucket comes back as a copy only when it is adopted together with its master.
      </p>
    </Confirm>
  )
}
