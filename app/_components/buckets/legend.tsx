import { legend, type Mark } from '../../_lib/cells.ts'
import { MarkGlyph } from '../shared/glyph.tsx'

/** What the glyphs mean: all of them, or those on show. */
export function Legend({ marks = legend }: { readonly marks?: readonly Mark[] }) {
  return (
    <div className="legend">
      {marks.map((mark) => (
        <span key={mark.word}>
          <MarkGlyph mark={mark} />
          {mark.word}
        </span>
      ))}
    </div>
  )
}
