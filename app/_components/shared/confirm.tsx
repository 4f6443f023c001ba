'use client'
import type { ReactNode } from 'react'
import type { TypedDocumentNode } from 'urql'
import type { Parts } from '../../_lib/parts.ts'
import { useAct } from '../../_lib/use-act.ts'
import { FormOverlay } from './form-overlay.tsx'
import { useToast } from './toasts.tsx'

type Props<R extends object, I> = {
  /** The title, with the name of what it is done to after it. */
  readonly title: string
  readonly name: string
  readonly act: string
  readonly document: TypedDocumentNode<{ readonly result: R }, { input: I }>
  readonly input: I
  /** What is said when it is done. */
  readonly done: Parts
  readonly onClose: () => void
  /** What comes of it. */
  readonly children: ReactNode
}

/** Asks before something is done to one thing that cannot be undone. */
export function Confirm<R extends object, I>({
  title,
  name,
  act,
  document,
  input,
  done,
  onClose,
  children,
}: Props<R, I>) {
  const { run, busy, refusal } = useAct(document)
  const toast = useToast()
  const submit = async () => {
    if (!(await run({ input })).ok) return
    toast({ parts: done })
    onClose()
  }
  return (
    <FormOverlay
      title={
        <>
          {title} <code>{name}</code>
        </>
      }
      act={act}
      danger
      busy={busy}
      refused={refusal?.message}
      onSubmit={submit}
      onClose={onClose}
    >
      {children}
    </FormOverlay>
  )
}
