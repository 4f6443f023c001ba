'use client'
import { RemoveStoreDocument, type StorePartsFragment } from '../../../graphql/generated/operations.ts'
import { useAct } from '../../_lib/use-act.ts'
import { RemoveForm } from './remove-form.tsx'

type Props = { readonly store: StorePartsFragment; readonly onClose: () => void }

export function RemoveStore({ store, onClose }: Props) {
  const remove = useAct(RemoveStoreDocument)
  return (
    <RemoveForm
      title="Remove store"
      name={store.name}
      busy={remove.busy}
      refusal={remove.refusal}
      onRemove={async (force) => (await remove.run({ input: { name: store.name, force } })).ok}
      onClose={onClose}
    >
      Replicas there are moved away first. While a bucket's master lies there this is refused.
    </RemoveForm>
  )
}
