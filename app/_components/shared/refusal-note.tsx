import { Glyph } from './glyph.tsx'

/** What was refused and belongs to no field. */
export function RefusalNote({ text }: { readonly text: string | undefined }) {
  if (text === undefined) return null
  return (
    <p className="note bad" role="alert">
      <Glyph name="fail" tone="bad" />
      <span>{text}</span>
    </p>
  )
}
