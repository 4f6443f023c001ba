'use client'
import { type ReactNode, useEffect, useId } from 'react'
import { showFirstFault } from '../../_lib/first-fault.ts'

export type Described = {
  readonly id: string
  readonly 'aria-describedby'?: string
  readonly 'aria-invalid'?: true
}

type Props = {
  readonly label: ReactNode
  readonly hint?: ReactNode
  readonly error?: string | undefined
  readonly className?: string
  /** Draws the control; spread what it is given on the input. */
  readonly children: (described: Described) => ReactNode
}

/** A label, its control, a hint, and what the API refused, tied together for screen readers. */
export function Field({ label, hint, error, className = '', children }: Props) {
  const id = useId()
  useEffect(() => {
    if (error !== undefined) showFirstFault(document.getElementById(id)?.closest('form'))
  }, [id, error])
  const about = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter((one) => one !== '').join(' ')
  return (
    <div className={`field ${className}`}>
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        ...(about === '' ? {} : { 'aria-describedby': about }),
        ...(error ? { 'aria-invalid': true as const } : {}),
      })}
      {error && (
        <span className="error" id={`${id}-error`} role="alert">
          {error}
        </span>
      )}
      {hint && (
        <span className="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </div>
  )
}
