import type { BucketPartsFragment, ClusterPartsFragment } from '../../../graphql/generated/operations.ts'
import { OwnPolicies } from '../policies/own-policies.tsx'

type Props = { readonly bucket: BucketPartsFragment; readonly clusters: readonly ClusterPartsFragment[] }

export const BucketPolicies = ({ bucket: { name, version, policies }, clusters }: Props) => (
  <OwnPolicies
    className="order-4"
    of="bucket"
    policies={policies}
    scope={{ bucket: name }}
    expectedVersion={version}
    clusters={clusters}
  />
)
