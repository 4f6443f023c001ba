'use client'
import { type FormEvent, useState } from 'react'
import { AddStoreDocument } from '../../../graphql/generated/operations.ts'
import { type ClusterDraft, emptyDraft, stepFields, storeInput } from '../../_lib/cluster-draft.ts'
import { name, say } from '../../_lib/parts.ts'
import { fieldErrors } from '../../_lib/refusals.ts'
import { useAct } from '../../_lib/use-act.ts'
import { Overlay } from '../shared/overlay.tsx'
import { RefusalNote } from '../shared/refusal-note.tsx'
import { useToast } from '../shared/toasts.tsx'
import { StoreFields } from './store-fields.tsx'

export function AddStore({ cluster, onClose }: { readonly cluster: string; readonly onClose: () => void }) {
  const [draft, setDraft] = useState<ClusterDraft>({ ...emptyDraft, name: cluster })
  const add = useAct(AddStoreDocument)
  const toast = useToast()
  const errors = fieldErrors(add.refusal, stepFields.store)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const done = await add.run({ input: storeInput(draft) })
    if (!done.ok) return
    toast({ parts: say`Added store ${name(done.value.storageDeployment.name)}.` })
    onClose()
  }
  return (
    <Overlay
      title={
        <>
          Add a store to <code>{cluster}</code>
        </>
      }
      kind="drawer"
      onClose={onClose}
    >
      <form onSubmit={submit} noValidate>
        <StoreFields draft={draft} onChange={(part) => setDraft({ ...draft, ...part })} errors={errors} done={false} />
        <RefusalNote text={errors.rest} />
        <div className="foot">
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn primary" disabled={add.busy}>
            {add.busy ? 'Probing the store' : 'Add the store'}
          </button>
        </div>
      </form>
    </Overlay>
  )
}
