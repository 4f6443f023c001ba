'use client'
import type { ReactNode } from 'react'
import { Field } from './field.tsx'

type Props = {
  readonly label: ReactNode
  readonly value: string
  readonly onChange: (value: string) => void
  readonly hint?: ReactNode
  readonly error?: string | undefined
  readonly placeholder?: string
  readonly secret?: boolean
  readonly required?: boolean
  readonly disabled?: boolean
  readonly className?: string
}

export function TextField({
  label,
  value,
  onChange,
  hint,
  error,
  placeholder,
  secret,
  required,
  disabled,
  className = '',
}: Props) {
  return (
    <Field label={label} hint={hint} error={error} className={className}>
      {(described) => (
        <input
          {...described}
          className="input mono w-full"
          type={secret ? 'password' : 'text'}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={value}
          required={required ?? false}
          disabled={disabled ?? false}
          onChange={(event) => onChange(event.target.value)}
          {...(placeholder === undefined ? {} : { placeholder })}
        />
      )}
    </Field>
  )
}
