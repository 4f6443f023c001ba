'use client'
import { type ReactNode, useEffect, useRef } from 'react'
import { Icon } from './icon.tsx'

type Props = {
  readonly title: ReactNode
  readonly kind?: 'dialog' | 'drawer'
  readonly onClose: () => void
  readonly children: ReactNode
}

/**
 * A modal. The browser's own <dialog> keeps the focus inside, closes on Esc and gives the focus back; libraries that do
 * the same write style elements at run time, which our content security policy refuses.
 */
export function Overlay({ title, kind = 'dialog', onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    const element = dialog.current
    const opener = document.activeElement
    if (element && !element.open) element.showModal()
    heading.current?.focus()
    return () => {
      element?.close()
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus()
    }
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes as well; a click beside it is for the mouse only
    <dialog
      ref={dialog}
      className={kind}
      aria-labelledby="overlay-title"
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose()
      }}
    >
      <div className="head">
        <h1 id="overlay-title" ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <button type="button" className="btn quiet square" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      {children}
    </dialog>
  )
}
