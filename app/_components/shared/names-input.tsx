'use client'
import { useId, useState } from 'react'
import type { Described } from './field.tsx'
import { Icon } from './icon.tsx'

type Props = {
  readonly value: readonly string[]
  readonly onChange: (value: readonly string[]) => void
  /** What is offered while typing. */
  readonly known: readonly string[]
  readonly placeholder: string
  readonly described: Described
}

/** A list of names as chips. Enter, comma or a space adds what was typed, Backspace in the empty field takes the last. */
export function NamesInput({ value, onChange, known, placeholder, described }: Props) {
  const list = useId()
  const [typed, setTyped] = useState('')
  const add = (text: string) => {
    const name = text.trim()
    if (name !== '' && !value.includes(name)) onChange([...value, name])
    setTyped('')
  }
  return (
    <span className="flex flex-wrap items-center gap-1">
      {value.map((name) => (
        <span className="chip" key={name}>
          {name}
          <button
            type="button"
            aria-label={`Remove ${name}`}
            onClick={() => onChange(value.filter((one) => one !== name))}
          >
            <Icon name="close" />
          </button>
        </span>
      ))}
      <input
        {...described}
        className="input mono w-36 flex-1 min-w-24 max-w-64"
        list={list}
        placeholder={placeholder}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={typed}
        onChange={(event) => {
          const text = event.target.value
          // A name that was picked from the list arrives whole, and so does one that was pasted with its separator.
          if (/[\s,]$/.test(text) || isPick(event.nativeEvent, text, known)) add(text.replace(/[\s,]+$/, ''))
          else setTyped(text)
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && typed.trim() !== '') {
            event.preventDefault()
            add(typed)
          }
          if (event.key === 'Backspace' && typed === '') onChange(value.slice(0, -1))
        }}
        onBlur={() => add(typed)}
      />
      <datalist id={list}>
        {known
          .filter((name) => !value.includes(name))
          .map((name) => (
            <option key={name} value={name} />
          ))}
      </datalist>
    </span>
  )
}

const isPick = (event: Event, text: string, known: readonly string[]) =>
  !(event instanceof InputEvent && event.inputType === 'insertText') && known.includes(text)
