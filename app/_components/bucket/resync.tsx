'use client'
import { useState } from 'react'
import { type ReplicaPartsFragment, ResyncReplicaDocument } from '../../../graphql/generated/operations.ts'
import { causeOf } from '../../_lib/causes.ts'
import { name, say } from '../../_lib/parts.ts'
import { useAct } from '../../_lib/use-act.ts'
import { sentence } from '../../_lib/words.ts'
import { FormOverlay } from '../shared/form-overlay.tsx'
import { useToast } from '../shared/toasts.tsx'

type Props = { readonly bucket: string; readonly replica: ReplicaPartsFragment; readonly onClose: () => void }

/** Looks at a whole copy again, and may let go what waits for a person's word. */
export function Resync({ bucket, replica, onClose }: Props) {
  const [allowDeletes, setAllowDeletes] = useState(false)
  const [overwrite, setOverwrite] = useState(false)
  const resync = useAct(ResyncReplicaDocument)
  const toast = useToast()
  const cluster = replica.storageDeployment.cluster.name
  const why = causeOf(replica)

  const submit = async () => {
    const onConflict = overwrite ? 'OVERWRITE' : 'KEEP'
    const storageDeployment = replica.storageDeployment.name
    const done = await resync.run({ input: { bucket, storageDeployment, allowDeletes, onConflict } })
    if (!done.ok) return
    toast({ parts: say`Comparing ${name(bucket)} on ${name(cluster)} with its master.` })
    onClose()
  }
  return (
    <FormOverlay
      title={
        <>
          Compare the copy on <code>{cluster}</code>
        </>
      }
      act={buttonText(allowDeletes, overwrite)}
      danger={allowDeletes || overwrite}
      busy={resync.busy}
      refused={resync.refusal?.message}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className="text-ink-2">Every object is compared with the master's, and what differs is copied again.</p>
      {why !== null && <p>{sentence(why)}</p>}
      <label className="check items-start">
        <input
          className="mt-1"
          type="checkbox"
          checked={allowDeletes}
          onChange={(event) => setAllowDeletes(event.target.checked)}
        />
        <span>Let go the deletes that the brake holds: what the master no longer has is deleted here, once.</span>
      </label>
      <label className="check items-start">
        <input
          className="mt-1"
          type="checkbox"
          checked={overwrite}
          onChange={(event) => setOverwrite(event.target.checked)}
        />
        <span>Replace objects that FaDO did not write, or that were changed since, by the master's.</span>
      </label>
    </FormOverlay>
  )
}

function buttonText(deletes: boolean, overwrite: boolean): string {
  if (deletes && overwrite) return 'Compare, delete and replace'
  if (deletes) return 'Compare and delete'
  return overwrite ? 'Compare and replace' : 'Compare again'
}
