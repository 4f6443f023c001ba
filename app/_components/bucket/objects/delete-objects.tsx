'use client'
import { useState } from 'react'
import { DeleteObjectsDocument } from '../../../../graphql/generated/operations.ts'
import { plural } from '../../../_lib/format.ts'
import { visible } from '../../../_lib/objects.ts'
import { name, say } from '../../../_lib/parts.ts'
import { useAct } from '../../../_lib/use-act.ts'
import { FormOverlay } from '../../shared/form-overlay.tsx'
import { useToast } from '../../shared/toasts.tsx'

type Props = {
  readonly bucket: string
  readonly keys: readonly string[]
  readonly onDone: () => void
  readonly onClose: () => void
}

const most = 5

export function DeleteObjects({ bucket, keys, onDone, onClose }: Props) {
  const remove = useAct(DeleteObjectsDocument)
  const toast = useToast()
  const [failed, setFailed] = useState<readonly { readonly key: string; readonly message: string }[]>([])
  const what = plural(keys.length, 'object')
  const submit = async () => {
    const done = await remove.run({ input: { bucket, keys: [...keys] } })
    if (!done.ok) return
    onDone()
    if (done.value.failed.length > 0) return setFailed(done.value.failed)
    toast({ parts: say`Deleted ${keys.length === 1 ? name(visible(keys[0] ?? '')) : what}.` })
    onClose()
  }
  const refused = failed.map(({ key, message }) => `${visible(key)}: ${message}.`).join(' ')
  return (
    <FormOverlay
      title={`Delete ${what}`}
      act={`Delete ${what}`}
      danger
      busy={remove.busy}
      refused={remove.refusal?.message ?? (refused === '' ? undefined : refused)}
      onSubmit={submit}
      onClose={onClose}
    >
      <ul className="mono keys">
        {keys.slice(0, most).map((key) => (
          <li key={key}>{visible(key)}</li>
        ))}
        {keys.length > most && <li>{`and ${keys.length - most} more`}</li>}
      </ul>
      <p className="text-ink-2">At the master; the copies follow. Where a bucket keeps versions, one stays.</p>
    </FormOverlay>
  )
}
