'use client'
import { useState } from 'react'
import { type BucketPartsFragment, DeleteBucketDocument } from '../../../graphql/generated/operations.ts'
import { plural } from '../../_lib/format.ts'
import { name, say } from '../../_lib/parts.ts'
import { useAct } from '../../_lib/use-act.ts'
import { ConfirmName } from '../shared/confirm-name.tsx'
import { FormOverlay } from '../shared/form-overlay.tsx'
import { useToast } from '../shared/toasts.tsx'

type Props = { readonly bucket: BucketPartsFragment; readonly onClose: () => void }

export function DeleteBucket({ bucket, onClose }: Props) {
  const [typed, setTyped] = useState('')
  const [deleteData, setDeleteData] = useState(false)
  const remove = useAct(DeleteBucketDocument)
  const toast = useToast()
  const store = bucket.master.storageDeployment.name
  const objects = bucket.stats ? plural(bucket.stats.objects, 'object') : 'all objects'

  const submit = async () => {
    const done = await remove.run({ input: { bucket: bucket.name, deleteData, expectedVersion: bucket.version } })
    if (!done.ok) return
    toast({ parts: say`Deleting ${name(bucket.name)}.` })
    onClose()
  }
  return (
    <FormOverlay
      title={
        <>
          Delete <code>{bucket.name}</code>
        </>
      }
      act={deleteData ? `Delete it and ${objects}` : 'Delete, keep the data of the master'}
      danger
      busy={remove.busy}
      ready={typed === bucket.name}
      refused={remove.refusal?.message}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className="text-ink-2">
        Calls that name it get 404 from now on. Its replicas are deleted after the proxies agreed.
      </p>
      <label className="check items-start">
        <input
          className="mt-1"
          type="checkbox"
          checked={deleteData}
          onChange={(event) => setDeleteData(event.target.checked)}
        />
        <span>
          Delete the data of the master on <code>{store}</code> too ({objects}). Else its bucket there stays as it is,
          and can be taken back later: the list of the store's buckets, on its cluster's page, has it.
        </span>
      </label>
      <ConfirmName name={bucket.name} typed={typed} onType={setTyped} verb="delete it" />
    </FormOverlay>
  )
}
