'use client'
import Link from 'next/link'
import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from 'react'
import type { Parts } from '../../_lib/parts.ts'
import { Icon } from './icon.tsx'
import { Said } from './said.tsx'

export type Toast = { readonly parts: Parts; readonly link?: { readonly href: string; readonly text: string } }
type Shown = Toast & { readonly id: number }

const ToastContext = createContext<(toast: Toast) => void>(() => undefined)

/** Says that one's own action was done. Never for what happens by itself. */
export const useToast = (): ((toast: Toast) => void) => useContext(ToastContext)

const most = 3
const stays = 8_000

export function Toasts({ children }: { readonly children: ReactNode }) {
  const [shown, setShown] = useState<readonly Shown[]>([])
  const next = useRef(0)
  const add = useCallback((toast: Toast) => {
    next.current += 1
    const id = next.current
    setShown((before) => [...before, { ...toast, id }].slice(-most))
  }, [])
  const dismiss = useCallback((id: number) => setShown((before) => before.filter((toast) => toast.id !== id)), [])
  return (
    <ToastContext value={add}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {shown.map((toast) => (
          <ToastRow key={toast.id} toast={toast} onDismiss={dismiss} />
        ))}
      </div>
    </ToastContext>
  )
}

function ToastRow({ toast, onDismiss }: { readonly toast: Shown; readonly onDismiss: (id: number) => void }) {
  useEffect(() => {
    const timer = setTimeout(() => onDismiss(toast.id), stays)
    return () => clearTimeout(timer)
  }, [toast.id, onDismiss])
  return (
    <div className="toast">
      <span>
        <Said parts={toast.parts} />
      </span>
      {toast.link && (
        <Link className="font-medium whitespace-nowrap" href={toast.link.href}>
          {toast.link.text}
        </Link>
      )}
      <button type="button" className="btn quiet square" aria-label="Dismiss" onClick={() => onDismiss(toast.id)}>
        <Icon name="close" />
      </button>
    </div>
  )
}
