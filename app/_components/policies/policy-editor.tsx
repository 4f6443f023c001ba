'use client'
import { useState } from 'react'
import type { NumberPartsFragment } from '../../../graphql/generated/operations.ts'
import { type DurationUnit, durationUnits, typedUnit } from '../../../server/domain/duration-words.ts'
import { type PolicyDefinition, partsOf, unitWords } from '../../_lib/policy-values.ts'
import type { Described } from '../shared/field.tsx'
import { NamesInput } from '../shared/names-input.tsx'

export type Draft = { readonly ok: true; readonly value: unknown } | { readonly ok: false }

type Props = {
  readonly definition: PolicyDefinition
  readonly value: unknown
  readonly onChange: (draft: Draft) => void
  readonly zones: readonly string[]
  readonly stores: readonly string[]
  readonly callers: readonly string[]
  readonly described: Described
}

const set = (value: unknown): Draft => ({ ok: true, value })

const placeholders = {
  ZONE: 'Add a zone',
  STORE: 'Add a store',
  CALLER: 'Add a caller',
  ORIGIN: 'https://app.example',
} as const

/** The control for a policy's value, by what kind of value it is. */
export function PolicyEditor({ definition, value, onChange, zones, stores, callers, described }: Props) {
  const { values, word } = definition
  switch (values.__typename) {
    case 'PolicyNames': {
      const names = Array.isArray(value) ? value.map(String) : []
      return (
        <NamesInput
          initial={names}
          onChange={(next) => onChange(set(next.length === 0 && word ? word.value : next))}
          known={{ ZONE: zones, STORE: stores, CALLER: callers, ORIGIN: [] }[values.of]}
          placeholder={placeholders[values.of]}
          described={described}
          wide={values.of === 'ORIGIN'}
        />
      )
    }
    case 'PolicyNumber': {
      // No number is a value where a word stands for none.
      const empty: Draft = word?.value === null ? set(null) : { ok: false }
      if (values.unit === 'SECONDS')
        return <DurationEditor kind={values} value={value} onChange={onChange} described={described} />
      return (
        <>
          <input
            {...described}
            className={values.unit === 'BYTES_PER_SECOND' ? 'input w-40' : 'input w-24'}
            {...bounds(values)}
            defaultValue={typeof value === 'number' ? value : ''}
            placeholder={word?.value === null ? word.word : undefined}
            onChange={(event) => onChange(event.target.value === '' ? empty : set(Number(event.target.value)))}
          />
          <span className="text-sm text-ink-3">{unitWords[values.unit]}</span>
        </>
      )
    }
    case 'PolicyChoice':
      return (
        <select
          {...described}
          className="input mono"
          value={String(value)}
          onChange={(event) => onChange(set(event.target.value))}
        >
          {values.options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      )
    case 'PolicyNumbers':
      return <NumbersEditor parts={values.parts} value={value} onChange={onChange} described={described} />
    case 'PolicyHeader':
      return (
        <input
          {...described}
          className="input mono w-56"
          spellCheck={false}
          maxLength={values.mostCharacters}
          defaultValue={String(value)}
          onChange={(event) => onChange(event.target.value === '' ? { ok: false } : set(event.target.value))}
        />
      )
    case 'PolicyWindow':
      return (
        <input
          {...described}
          className="input mono w-80"
          spellCheck={false}
          maxLength={values.longestWindow}
          defaultValue={typeof value === 'string' ? value : ''}
          placeholder={`${word ? `${word.word}, or ` : ''}22:00-06:00 Europe/Berlin`}
          onChange={(event) => onChange(set(event.target.value === '' ? null : event.target.value))}
        />
      )
  }
}

const bounds = ({ least, most, whole }: NumberPartsFragment) => ({
  type: 'number',
  min: least,
  max: most,
  step: whole ? 1 : 'any',
})

type DurationProps = Pick<Props, 'value' | 'onChange' | 'described'> & { readonly kind: NumberPartsFragment }

/** A number and its unit, e.g. 7 days. */
function DurationEditor({ kind, value, onChange, described }: DurationProps) {
  const given = typeof value === 'number' ? value : 0
  const [unit, setUnit] = useState(typedUnit(given))
  const [typed, setTyped] = useState(String(given / durationUnits[unit]))
  const tell = (text: string, by: DurationUnit) => {
    setTyped(text)
    setUnit(by)
    onChange(text === '' ? { ok: false } : set(Number(text) * durationUnits[by]))
  }
  return (
    <>
      <input
        {...described}
        className="input w-24"
        type="number"
        min={kind.least / durationUnits[unit]}
        max={kind.most / durationUnits[unit]}
        step="any"
        value={typed}
        onChange={(event) => tell(event.target.value, unit)}
      />
      <select
        className="input"
        aria-label="Unit"
        value={unit}
        onChange={(event) => tell(typed, event.target.value as DurationUnit)}
      >
        {Object.keys(durationUnits).map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </>
  )
}

type NumbersProps = Pick<Props, 'value' | 'onChange' | 'described'> & {
  readonly parts: readonly { readonly name: string; readonly number: NumberPartsFragment }[]
}

/** A field for each part, e.g. 100 objects or 10 %. */
function NumbersEditor({ parts, value, onChange, described }: NumbersProps) {
  const given = partsOf(value)
  return (
    <span className="inline-flex flex-wrap items-center gap-2 text-sm text-ink-3">
      {parts.map(({ name, number }, i) => (
        <span key={name} className="inline-flex items-center gap-2">
          {i > 0 && 'or'}
          <input
            {...(i === 0 ? described : {})}
            className="input w-24 text-ink"
            {...bounds(number)}
            aria-label={name}
            value={Number(given[name] ?? 0)}
            onChange={(event) => onChange(set({ ...given, [name]: Number(event.target.value) }))}
          />
          {unitWords[number.unit]}
        </span>
      ))}
    </span>
  )
}
