'use client'
import { type ReactNode, useState } from 'react'
import { name as nameOf, say } from '../../_lib/parts.ts'
import type { Refusal } from '../../_lib/refusals.ts'
import { ConfirmName } from '../shared/confirm-name.tsx'
import { FormOverlay } from '../shared/form-overlay.tsx'
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
  const submit = async () => {
    if (!(await onRemove(force))) return
    toast({ parts: say`Removing ${nameOf(name)}.` })
    onClose()
  }
  return (
    <FormOverlay
      title={
        <>
          {title} <code>{name}</code>
        </>
      }
      act={force ? 'Forget it' : 'Remove it'}
      danger
      busy={busy}
      ready={typed === name}
      refused={refusal?.message}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className="text-ink-2">{children}</p>
      <label className="check items-start">
        <input className="mt-1" type="checkbox" checked={force} onChange={(event) => setForce(event.target.checked)} />
        <span>It is gone for good: forget it without asking it, and leave behind what lies there.</span>
      </label>
      <ConfirmName name={name} typed={typed} onType={setTyped} verb="remove it" />
    </FormOverlay>
  )
}
