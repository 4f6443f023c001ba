'use client'
import { editorOf, isBrake } from '../../_lib/policy-values.ts'
import type { Described } from '../shared/field.tsx'
import { NamesInput } from '../shared/names-input.tsx'

export type Draft = { readonly ok: true; readonly value: unknown } | { readonly ok: false }

type Props = {
  readonly policy: string
  readonly value: unknown
  readonly onChange: (draft: Draft) => void
  readonly zones: readonly string[]
  readonly stores: readonly string[]
  readonly described: Described
}

const set = (value: unknown): Draft => ({ ok: true, value })

/** The control for a policy's value, by what kind of value it is. */
export function PolicyEditor({ policy, value, onChange, zones, stores, described }: Props) {
  const editor = editorOf(policy)
  switch (editor.kind) {
    case 'names': {
      const names = Array.isArray(value) ? value.map(String) : []
      return (
        <NamesInput
          initial={names}
          onChange={(next) => onChange(set(next.length === 0 && editor.canBeNone ? null : next))}
          known={{ zones, stores, origins: [] }[editor.of]}
          placeholder={{ zones: 'Add a zone', stores: 'Add a store', origins: 'https://app.example' }[editor.of]}
          described={described}
        />
      )
    }
    case 'number':
      return (
        <>
          <input
            {...described}
            className="input w-24"
            type="number"
            min={0}
            step={editor.whole ? 1 : 'any'}
            defaultValue={typeof value === 'number' ? value : ''}
            onChange={(event) => onChange(event.target.value === '' ? { ok: false } : set(Number(event.target.value)))}
          />
          <span className="text-sm text-ink-3">{editor.unit}</span>
        </>
      )
    case 'choice':
      return (
        <select
          {...described}
          className="input mono"
          value={String(value)}
          onChange={(event) => onChange(set(event.target.value))}
        >
          {editor.options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      )
    case 'brake':
      return <BrakeEditor value={value} onChange={onChange} described={described} />
    case 'text':
      return (
        <input
          {...described}
          className="input mono w-56"
          spellCheck={false}
          defaultValue={String(value)}
          onChange={(event) => onChange(event.target.value === '' ? { ok: false } : set(event.target.value))}
        />
      )
    case 'json':
      return (
        <input
          {...described}
          className="input mono w-56"
          spellCheck={false}
          defaultValue={JSON.stringify(value)}
          onChange={(event) => onChange(parse(event.target.value))}
        />
      )
  }
}

function parse(text: string): Draft {
  try {
    return set(JSON.parse(text))
  } catch {
    return { ok: false }
  }
}

type BrakeProps = Pick<Props, 'value' | 'onChange' | 'described'>

function BrakeEditor({ value, onChange, described }: BrakeProps) {
  const brake = isBrake(value) ? value : { objects: 0, percent: 0 }
  const change = (part: Partial<typeof brake>) => onChange(set({ ...brake, ...part }))
  return (
    <span className="inline-flex flex-wrap items-center gap-2 text-sm text-ink-3">
      <input
        {...described}
        className="input w-24 text-ink"
        type="number"
        min={0}
        aria-label="Deletes"
        value={brake.objects}
        onChange={(event) => change({ objects: Number(event.target.value) })}
      />
      deletes, or
      <input
        className="input w-16 text-ink"
        type="number"
        min={0}
        max={100}
        aria-label="Per cent of the copy"
        value={brake.percent}
        onChange={(event) => change({ percent: Number(event.target.value) })}
      />
      % of the copy, the larger
    </span>
  )
}
