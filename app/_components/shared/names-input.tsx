'use client'
import { useId, useState } from 'react'
import { withNames } from '../../_lib/names.ts'
import type { Described } from './field.tsx'
import { Icon } from './icon.tsx'

type Props = {
  readonly initial: readonly string[]
  /** Told at each key: what is typed and not yet a chip counts. */
  readonly onChange: (names: readonly string[]) => void
  /** What is offered while typing. */
  readonly known: readonly string[]
  readonly placeholder: string
  readonly described: Described
  /** For long names, such as origins. */
  readonly wide?: boolean
}

/**
 * A list of names as chips. Enter, comma or a space makes a chip of what was typed, Backspace in the empty field takes the last; a
 * list that is pasted becomes a chip for each name.
 */
export function NamesInput({ initial, onChange, known, placeholder, described, wide = false }: Props) {
  const list = useId()
  const [chips, setChips] = useState(initial)
  const [typed, setTyped] = useState('')
  const show = (names: readonly string[], text: string) => {
    setChips(names)
    setTyped(text)
    onChange(withNames(names, text))
  }
  const add = (text: string) => show(withNames(chips, text), '')
  return (
    <span className="flex flex-wrap items-center gap-1">
      {chips.map((name) => (
        <span className="chip" key={name}>
          {name}
          <button
            type="button"
            aria-label={`Remove ${name}`}
            onClick={() =>
              show(
                chips.filter((one) => one !== name),
                typed,
              )
            }
          >
            <Icon name="close" />
          </button>
        </span>
      ))}
      <input
        {...described}
        className={`input mono flex-1 ${wide ? 'w-64 max-w-96' : 'w-36 min-w-24 max-w-64'}`}
        list={list}
        placeholder={placeholder}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={typed}
        onChange={(event) => {
          const text = event.target.value
          if (/[\s,]/.test(text)) add(text)
          else show(chips, text)
        }}
        onPaste={(event) => {
          // The field itself would join lines into one word.
          const text = event.clipboardData.getData('text')
          if (!/[\s,]/.test(text.trim())) return
          event.preventDefault()
          add(`${typed} ${text}`)
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && typed.trim() !== '') {
            event.preventDefault()
            add(typed)
          }
          if (event.key === 'Backspace' && typed === '') show(chips.slice(0, -1), '')
        }}
      />
      <datalist id={list}>
        {known
          .filter((name) => !chips.includes(name))
          .map((name) => (
            <option key={name} value={name} />
          ))}
      </datalist>
    </span>
  )
}
