'use client'
import { useQuery } from 'urql'
import {
  type BucketPartsFragment,
  type ClusterPartsFragment,
  IngressDocument,
} from '../../../graphql/generated/operations.ts'
import { callCommand, putCommand } from '../../_lib/commands.ts'
import { Command } from '../shared/command.tsx'

type Props = { readonly bucket: BucketPartsFragment; readonly clusters: readonly ClusterPartsFragment[] }

/** Lines to copy: how data comes in, and how a function is called on it. */
export function UseIt({ bucket, clusters }: Props) {
  const [{ data }] = useQuery({ query: IngressDocument })
  const { bucketName, storageDeployment: home } = bucket.master
  const store = clusters.flatMap((cluster) => cluster.storageDeployments).find((one) => one.id === home.id)
  return (
    <section className="order-2" aria-labelledby="h-use">
      <header>
        <h2 id="h-use">Use it</h2>
      </header>
      <div className="grid gap-3">
        {store && (
          <div className="grid gap-1">
            <p className="text-ink-2">
              Put an object on the master&rsquo;s store, <code>{home.name}</code>, with keys of that store:
            </p>
            <Command text={putCommand(store, bucketName)} />
          </div>
        )}
        {data && (
          <div className="grid gap-1">
            <p className="text-ink-2">Call the function $NAME where the data is:</p>
            <Command text={callCommand(data.ingress, bucket.name)} />
          </div>
        )}
      </div>
    </section>
  )
}
