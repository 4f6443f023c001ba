'use client'
import { type CallerPartsFragment, DeleteCallerDocument } from '../../../graphql/generated/operations.ts'
import { namingWords } from '../../../server/domain/callers/naming-words.ts'
import { name, say } from '../../_lib/parts.ts'
import { useAct } from '../../_lib/use-act.ts'
import { FormOverlay } from '../shared/form-overlay.tsx'
import { useToast } from '../shared/toasts.tsx'

type Props = { readonly caller: CallerPartsFragment; readonly onClose: () => void }

export function DeleteCaller({ caller, onClose }: Props) {
  const remove = useAct(DeleteCallerDocument)
  const toast = useToast()
  const named = namingWords(caller.namedBy)
  const submit = async () => {
    const done = await remove.run({ input: { name: caller.name } })
    if (!done.ok) return
    toast({ parts: say`Deleted ${name(caller.name)}.` })
    onClose()
  }
  return (
    <FormOverlay
      title={
        <>
          Delete <code>{caller.name}</code>
        </>
      }
      act="Delete it"
      danger
      busy={remove.busy}
      refused={remove.refusal?.message}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className="text-ink-2">It is let in nowhere from now on. A key of it cannot be brought back.</p>
      {named !== '' && (
        <p className="text-ink-2">
          The policy <code>callers</code> of {named} has its name: there the others that it names are let in, or nobody.
        </p>
      )}
    </FormOverlay>
  )
}
