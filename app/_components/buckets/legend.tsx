import { legend } from '../../_lib/cells.ts'
import { MarkGlyph } from '../shared/glyph.tsx'

export function Legend() {
  return (
    <div className="legend">
      {legend.map((mark) => (
        <span key={mark.word}>
          <MarkGlyph mark={mark} />
          {mark.word}
        </span>
      ))}
    </div>
  )
}
