import type { HealthPartsFragment } from '../../../graphql/generated/operations.ts'
import type { Sign } from '../../_lib/cells.ts'
import { healthSign } from '../../_lib/health.ts'
import { SignGlyph } from './glyph.tsx'

export function HealthGlyph({ health }: { readonly health: HealthPartsFragment }) {
  const mark: Sign = healthSign(health)
  return <SignGlyph mark={mark} label={mark.word} />
}
