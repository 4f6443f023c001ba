'use client'
import { useState } from 'react'
import {
  type BucketPartsFragment,
  type MasterChoice,
  ResolveMasterDocument,
} from '../../../graphql/generated/operations.ts'
import { name, say } from '../../_lib/parts.ts'
import { effectWords, type Regressed, sourcesOf } from '../../_lib/regressed.ts'
import { useAct } from '../../_lib/use-act.ts'
import { Field } from '../shared/field.tsx'
import { FormOverlay } from '../shared/form-overlay.tsx'
import { useToast } from '../shared/toasts.tsx'

type Props = {
  readonly bucket: BucketPartsFragment
  readonly found: Regressed
  readonly choice: MasterChoice
  readonly onClose: () => void
}

/** One of the two choices, with what it does. */
export function ResolveMaster({ bucket, found, choice, onClose }: Props) {
  const [from, setFrom] = useState('')
  const resolve = useAct(ResolveMasterDocument)
  const toast = useToast()
  const isRebuild = choice === 'REBUILD'

  const submit = async () => {
    const input = { bucket: bucket.name, choice, from: isRebuild && from !== '' ? from : null }
    const done = await resolve.run({ input })
    if (!done.ok) return
    toast({
      parts: isRebuild
        ? say`The master of ${name(bucket.name)} is made again from a copy.`
        : say`The master of ${name(bucket.name)} is accepted; its copies follow.`,
    })
    onClose()
  }
  return (
    <FormOverlay
      title={isRebuild ? 'Rebuild the master from a copy' : 'Accept the master as it is now'}
      act={isRebuild ? 'Rebuild the master' : 'Accept it, and change the copies'}
      danger={!isRebuild}
      busy={resolve.busy}
      refused={resolve.refusal?.message}
      onSubmit={submit}
      onEdit={resolve.clear}
      onClose={onClose}
    >
      <p>{effectWords(choice, bucket, found)}</p>
      {isRebuild && (
        <Field label="From" hint="One that lacks changes which another copy has is refused.">
          {(described) => (
            <select {...described} value={from} onChange={(event) => setFrom(event.target.value)}>
              <option value="">the copy that lacks the fewest changes</option>
              {sourcesOf(bucket).map((store) => (
                <option key={store} value={store}>
                  {store}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
    </FormOverlay>
  )
}
