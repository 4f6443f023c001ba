import type { Sign } from '../../_lib/cells.ts'
import { SignGlyph } from '../shared/glyph.tsx'

/** What the glyphs on show mean. */
export function Legend({ marks }: { readonly marks: readonly Sign[] }) {
  return (
    <div className="legend">
      {marks.map((mark) => (
        <span key={mark.word}>
          <SignGlyph mark={mark} />
          {mark.word}
        </span>
      ))}
    </div>
  )
}
