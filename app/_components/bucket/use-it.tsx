'use client'
import { useQuery } from 'urql'
import {
  type BucketPartsFragment,
  type ClusterPartsFragment,
  IngressDocument,
} from '../../../graphql/generated/operations.ts'
import { type GuardWords, shownProof } from '../../_lib/callers.ts'
import { allows } from '../../_lib/cells.ts'
import { callCommand, putCommand } from '../../_lib/commands.ts'
import { Command } from '../shared/command.tsx'
import { useCallers } from '../shared/use-callers.ts'

type Props = { readonly bucket: BucketPartsFragment; readonly clusters: readonly ClusterPartsFragment[] }

/** Lines to copy: how data comes in, and how a function is called on it. */
export function UseIt({ bucket, clusters }: Props) {
  const [{ data }] = useQuery({ query: IngressDocument })
  const guard = useGuard(bucket, data?.ingress.speaksTls ?? false)
  const { bucketName, storageDeployment: home } = bucket.master
  const cluster = clusters.find((one) => one.id === home.cluster.id)
  const store = cluster?.storageDeployments.find((one) => one.id === home.id)
  const proof = guard && shownProof(guard)
  const forbidden = cluster !== undefined && !allows(bucket, cluster)
  return (
    <section className="order-2" aria-labelledby="h-use">
      <header>
        <h2 id="h-use">Use it</h2>
      </header>
      <div className="grid gap-3">
        {forbidden && (
          <p className="text-bad">
            No more data should be put on the master&rsquo;s store, <code>{home.name}</code>: the policy{' '}
            <code>zones</code> forbids it there. Make a bucket in an allowed zone, or allow a zone of{' '}
            <code>{home.cluster.name}</code>.
          </p>
        )}
        {store && !forbidden && (
          <div className="grid gap-1">
            <p className="text-ink-2">
              Put an object on the master&rsquo;s store, <code>{home.name}</code>, with keys of that store:
            </p>
            <Command text={putCommand(store, bucketName)} />
          </div>
        )}
        {data && proof && (
          <div className="grid gap-1">
            <p className="text-ink-2">Call the function $NAME where the data is:</p>
            <Command text={callCommand(data.ingress, bucket.name, proof.kind)} />
            {proof.words !== '' && <p className="text-ink-2">{proof.words}</p>}
          </div>
        )}
      </div>
    </section>
  )
}

/** Undefined until it is known. */
function useGuard({ route: { callers: names } }: BucketPartsFragment, speaksTls: boolean): GuardWords | undefined {
  const asks = names !== null && names.length > 0
  const { callers } = useCallers(asks)
  if (asks && callers === undefined) return undefined
  return { names, callers: callers ?? [], speaksTls }
}
