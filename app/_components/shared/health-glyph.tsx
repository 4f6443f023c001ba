import type { HealthPartsFragment } from '../../../graphql/generated/operations.ts'
import type { Mark } from '../../_lib/cells.ts'
import { healthMark } from '../../_lib/health.ts'
import { MarkGlyph } from './glyph.tsx'

export function HealthGlyph({ health }: { readonly health: HealthPartsFragment }) {
  const mark: Mark = healthMark(health)
  return <MarkGlyph mark={mark} label={mark.word} />
}
