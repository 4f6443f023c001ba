'use client'
import { useState } from 'react'
import { type ClusterPartsFragment, DeleteClusterDocument } from '../../../graphql/generated/operations.ts'
import { useAct } from '../../_lib/use-act.ts'
import { ActButton } from '../shared/act-button.tsx'
import { RemoveForm } from './remove-form.tsx'

export function DeleteCluster({ cluster }: { readonly cluster: ClusterPartsFragment }) {
  const [open, setOpen] = useState(false)
  const remove = useAct(DeleteClusterDocument)
  const input = { cluster: cluster.name, expectedVersion: cluster.version }
  return (
    <section aria-labelledby="h-delete">
      <header>
        <h2 id="h-delete">Remove</h2>
      </header>
      <p className="mb-2 text-ink-2">Its copies are moved away first, then its store and functions are forgotten.</p>
      <ActButton className="btn" onClick={() => setOpen(true)}>
        Remove the cluster
      </ActButton>
      {open && (
        <RemoveForm
          title="Remove cluster"
          name={cluster.name}
          busy={remove.busy}
          refusal={remove.refusal}
          onRemove={async (force) => (await remove.run({ input: { ...input, force } })).ok}
          onClose={() => setOpen(false)}
        >
          Replicas there are moved away first. While a bucket's master lies there this is refused.
        </RemoveForm>
      )}
    </section>
  )
}
