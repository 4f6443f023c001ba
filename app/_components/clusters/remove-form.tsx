'use client'
import { type FormEvent, type ReactNode, useState } from 'react'
import { name as nameOf, say } from '../../_lib/parts.ts'
import type { Refusal } from '../../_lib/refusals.ts'
import { ConfirmName } from '../shared/confirm-name.tsx'
import { Overlay } from '../shared/overlay.tsx'
import { RefusalNote } from '../shared/refusal-note.tsx'
import { useToast } from '../shared/toasts.tsx'

type Props = {
  readonly title: string
  readonly name: string
  readonly busy: boolean
  readonly refusal: Refusal | null
  /** True when it was done. */
  readonly onRemove: (force: boolean) => Promise<boolean>
  readonly onClose: () => void
  readonly children: ReactNode
}

/** Asks for the name of what is to be removed; can forget what is gone for good. */
export function RemoveForm({ title, name, busy, refusal, onRemove, onClose, children }: Props) {
  const [typed, setTyped] = useState('')
  const [force, setForce] = useState(false)
  const toast = useToast()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!(await onRemove(force))) return
    toast({ parts: say`Removing ${nameOf(name)}.` })
    onClose()
  }
  return (
    <Overlay
      title={
        <>
          {title} <code>{name}</code>
        </>
      }
      onClose={onClose}
    >
      <form onSubmit={submit}>
        <p className="text-ink-2">{children}</p>
        <label className="check items-start">
          <input
            className="mt-1"
            type="checkbox"
            checked={force}
            onChange={(event) => setForce(event.target.checked)}
          />
          <span>It is gone for good: forget it without asking it, and leave behind what lies there.</span>
        </label>
        <ConfirmName name={name} typed={typed} onType={setTyped} verb="remove it" />
        <RefusalNote text={refusal?.message} />
        <div className="foot">
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn danger" disabled={busy || typed !== name}>
            {force ? 'Forget it' : 'Remove it'}
          </button>
        </div>
      </form>
    </Overlay>
  )
}
