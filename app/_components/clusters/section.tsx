import type { ReactNode } from 'react'
import { Glyph } from '../shared/glyph.tsx'

type Props = { readonly title: string; readonly note: string; readonly done: boolean; readonly children: ReactNode }

/** A part of the guided form. What exists is shut, and says so. */
export function Section({ title, note, done, children }: Props) {
  return (
    <fieldset disabled={done}>
      <legend>
        {done && <Glyph name="pass" label="done" />}
        {title}
        <span className="text-sm font-normal text-ink-3">{done ? 'added' : note}</span>
      </legend>
      {children}
    </fieldset>
  )
}
