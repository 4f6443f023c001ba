import { legend, type Sign } from '../../_lib/cells.ts'
import { SignGlyph } from '../shared/glyph.tsx'

/** What the glyphs mean: all of them, or those on show. */
export function Legend({ marks = legend }: { readonly marks?: readonly Sign[] }) {
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
