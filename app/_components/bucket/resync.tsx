'use client'
import { useState } from 'react'
import {
  type BucketPartsFragment,
  type ReplicaPartsFragment,
  ResyncReplicaDocument,
} from '../../../graphql/generated/operations.ts'
import { copyName } from '../../_lib/copy-name.ts'
import { plural } from '../../_lib/format.ts'
import { masterStop, ownCauses } from '../../_lib/master.ts'
import { name, say } from '../../_lib/parts.ts'
import { causeSentences } from '../../_lib/sentence.ts'
import { useAct } from '../../_lib/use-act.ts'
import { FormOverlay } from '../shared/form-overlay.tsx'
import { useToast } from '../shared/toasts.tsx'

type Props = {
  readonly bucket: BucketPartsFragment
  readonly replica: ReplicaPartsFragment
  readonly onClose: () => void
}

/** Looks at a whole copy again, and may let go what waits for a person's word. */
export function Resync({ bucket, replica, onClose }: Props) {
  const [allowDeletes, setAllowDeletes] = useState(false)
  const [overwrite, setOverwrite] = useState(false)
  const resync = useAct(ResyncReplicaDocument)
  const toast = useToast()
  const copy = copyName(replica)
  const why = causeSentences(ownCauses(replica))
  const stop = masterStop(bucket)
  const held = replica.lag.heldDeletes

  const submit = async () => {
    const onConflict = overwrite ? 'OVERWRITE' : 'KEEP'
    const storageDeployment = copy
    const done = await resync.run({ input: { bucket: bucket.name, storageDeployment, allowDeletes, onConflict } })
    if (!done.ok) return
    toast({
      parts:
        stop === null
          ? say`Comparing ${name(bucket.name)} on ${name(copy)} with its master.`
          : say`The master bucket of ${name(bucket.name)} is ${stop}; ${name(copy)} is compared when it is not any more.`,
    })
    onClose()
  }
  return (
    <FormOverlay
      title={
        <>
          Resync the copy on <code>{copy}</code>
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
      {stop !== null && (
        <p className="text-bad">
          The master bucket is {stop}: nothing is compared until{' '}
          {stop === 'an earlier one' ? 'it was chosen what becomes of it' : 'it is back, and it is looked for first'}.
        </p>
      )}
      {why !== null && <p>{why}</p>}
      <label className="check items-start">
        <input
          className="mt-1"
          type="checkbox"
          checked={allowDeletes}
          onChange={(event) => setAllowDeletes(event.target.checked)}
        />
        <span>
          Allow deletes, once:{' '}
          {held > 0
            ? `the ${plural(held, 'object')} that the master no longer has ${held === 1 ? 'is' : 'are'} deleted here.`
            : 'what the master no longer has is deleted here, however much it is.'}
        </span>
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
  if (deletes && overwrite) return 'Resync, delete and replace'
  if (deletes) return 'Resync and delete'
  return overwrite ? 'Resync and replace' : 'Resync'
}
