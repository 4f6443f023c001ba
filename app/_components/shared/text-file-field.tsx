'use client'
import { type ReactNode, useId } from 'react'
import { Field } from './field.tsx'

type Props = {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly hint?: ReactNode
  readonly error?: string | undefined
  readonly placeholder?: string
  /** Not to be read over somebody's shoulder. */
  readonly secret?: boolean
}

/** The text of a file, pasted or chosen. */
export function TextFileField({ label, value, onChange, hint, error, placeholder = '', secret = false }: Props) {
  const file = useId()
  return (
    <Field label={label} hint={hint} error={error}>
      {(described) => (
        <>
          <textarea
            {...described}
            className={`input mono h-20 w-full py-2 ${secret ? 'veiled' : ''}`}
            rows={3}
            autoComplete="off"
            spellCheck={false}
            placeholder={placeholder}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          <span>
            <label className="btn small" htmlFor={file}>
              Choose a file<span className="sr-only"> for {label}</span>
            </label>
            <input
              id={file}
              className="sr-only"
              type="file"
              onChange={(event) => {
                const [chosen] = event.target.files ?? []
                // The same one can be chosen again after it was changed.
                event.target.value = ''
                void chosen?.text().then(onChange)
              }}
            />
          </span>
        </>
      )}
    </Field>
  )
}
