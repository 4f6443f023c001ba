'use client'
import { useState } from 'react'
import { AddStoreDocument, type ClusterPartsFragment } from '../../../graphql/generated/operations.ts'
import { checkDraft } from '../../_lib/check-draft.ts'
import { type ClusterDraft, emptyDraft, stepFields, storeInput } from '../../_lib/cluster-draft.ts'
import { name, say, sentences } from '../../_lib/parts.ts'
import { noEventsWords } from '../../_lib/sweeps.ts'
import { useCheckedAct } from '../../_lib/use-act.ts'
import { FormOverlay } from '../shared/form-overlay.tsx'
import { useToast } from '../shared/toasts.tsx'
import { useFleet } from '../shared/use-fleet.ts'
import { StoreFields } from './store-fields.tsx'

type Props = { readonly cluster: ClusterPartsFragment; readonly onClose: () => void }

export function AddStore({ cluster, onClose }: Props) {
  const [draft, setDraft] = useState<ClusterDraft>({ ...emptyDraft, name: cluster.name })
  const { clusters } = useFleet()
  const { run, busy, errors, clear } = useCheckedAct(AddStoreDocument, stepFields.store)
  const toast = useToast()
  const submit = async () => {
    const faults = checkDraft(draft, ['store'], clusters ?? []).map((one) => one.refusal)
    const done = await run(faults, { input: { ...storeInput(draft), expectedVersion: cluster.version } })
    if (done === undefined) return
    const { storageDeployment: store } = done
    toast({ parts: sentences([say`Added store ${name(store.name)}.`, ...noEventsWords(store)]) })
    onClose()
  }
  return (
    <FormOverlay
      title={
        <>
          Add a store to <code>{cluster.name}</code>
        </>
      }
      kind="drawer"
      act={busy ? 'Probing the store' : 'Add the store'}
      busy={busy}
      refused={errors.rest}
      onSubmit={submit}
      onEdit={clear}
      onClose={onClose}
    >
      <StoreFields draft={draft} onChange={(part) => setDraft({ ...draft, ...part })} errors={errors} done={false} />
    </FormOverlay>
  )
}
