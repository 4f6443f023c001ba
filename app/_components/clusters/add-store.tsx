'use client'
import { useState } from 'react'
import { AddStoreDocument, type ClusterPartsFragment } from '../../../graphql/generated/operations.ts'
import { checkDraft } from '../../_lib/check-draft.ts'
import { type ClusterDraft, emptyDraft, stepFields, storeInput } from '../../_lib/cluster-draft.ts'
import { name, say, sentences } from '../../_lib/parts.ts'
import { fieldErrors, type Refusal } from '../../_lib/refusals.ts'
import { noEventsWords } from '../../_lib/sweeps.ts'
import { useAct } from '../../_lib/use-act.ts'
import { FormOverlay } from '../shared/form-overlay.tsx'
import { useToast } from '../shared/toasts.tsx'
import { useFleet } from '../shared/use-fleet.ts'
import { StoreFields } from './store-fields.tsx'

type Props = { readonly cluster: ClusterPartsFragment; readonly onClose: () => void }

export function AddStore({ cluster, onClose }: Props) {
  const [draft, setDraft] = useState<ClusterDraft>({ ...emptyDraft, name: cluster.name })
  const [problems, setProblems] = useState<readonly Refusal[]>([])
  const { clusters } = useFleet()
  const add = useAct(AddStoreDocument)
  const toast = useToast()
  const errors = fieldErrors(problems.length > 0 ? problems : add.refused, stepFields.store)
  const submit = async () => {
    const found = checkDraft(draft, ['store'], clusters ?? []).map((one) => one.refusal)
    setProblems(found)
    if (found.length > 0) return
    const done = await add.run({ input: { ...storeInput(draft), expectedVersion: cluster.version } })
    if (!done.ok) return
    const { storageDeployment: store } = done.value
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
      act={add.busy ? 'Probing the store' : 'Add the store'}
      busy={add.busy}
      refused={errors.rest}
      onSubmit={submit}
      onEdit={add.clear}
      onClose={onClose}
    >
      <StoreFields draft={draft} onChange={(part) => setDraft({ ...draft, ...part })} errors={errors} done={false} />
    </FormOverlay>
  )
}
