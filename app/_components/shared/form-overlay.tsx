'use client'
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { showFirstFault } from '../../_lib/first-fault.ts'
import { useReadsOnly } from '../shell/use-viewer.ts'
import { Overlay } from './overlay.tsx'
import { RefusalNote } from './refusal-note.tsx'

type Props = {
  readonly title: ReactNode
  readonly kind?: 'dialog' | 'drawer'
  /** What the button does, in words. */
  readonly act: string
  readonly danger?: boolean
  /** Whether there is enough to act on. */
  readonly ready?: boolean
  readonly busy: boolean
  /** What was refused and belongs to no field. */
  readonly refused?: string | undefined
  /** Words of the way out. */
  readonly leave?: string
  readonly onSubmit: () => Promise<void>
  /** Something in a field was changed: what was refused is of before. */
  readonly onEdit?: () => void
  readonly onClose: () => void
  readonly children: ReactNode
}

/** A form in a dialog: its fields, what was refused, the way out and the act. */
export function FormOverlay({
  title,
  kind = 'dialog',
  act,
  danger = false,
  ready = true,
  busy,
  refused,
  leave = 'Cancel',
  onSubmit,
  onEdit,
  onClose,
  children,
}: Props) {
  const reason = useReadsOnly()
  const form = useRef<HTMLFormElement>(null)
  const [tries, setTries] = useState(0)
  // What was refused before and is as it was is no news to its field.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each try counts, whatever came of it
  useEffect(() => showFirstFault(form.current), [tries])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTries(tries + 1)
    void onSubmit()
  }
  return (
    <Overlay title={title} kind={kind} onClose={onClose}>
      <form ref={form} onSubmit={submit} onInput={onEdit} noValidate>
        {children}
        <RefusalNote text={refused ?? reason ?? undefined} />
        <div className="foot">
          <button type="button" className="btn" onClick={onClose}>
            {leave}
          </button>
          <button
            type="submit"
            className={`btn ${danger ? 'danger' : 'primary'}`}
            disabled={busy || !ready || reason !== null}
          >
            {act}
          </button>
        </div>
      </form>
    </Overlay>
  )
}
