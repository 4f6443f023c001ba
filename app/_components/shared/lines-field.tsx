'use client'
import type { ReactNode } from 'react'
import { Field } from './field.tsx'

type Props = {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly hint: ReactNode
  readonly error: string | undefined
  readonly placeholder: string
}

/** Several values, one to a line. */
export function LinesField({ label, value, onChange, hint, error, placeholder }: Props) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(described) => (
        <textarea
          {...described}
          className="input mono h-16 w-full py-2"
          rows={2}
          spellCheck={false}
          placeholder={placeholder}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}
