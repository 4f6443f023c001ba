import type { Reason } from '../../server/domain/reason.ts'
import { builder } from './builder.ts'

export const CandidateVerdict = builder.enumType('CandidateVerdict', { values: ['ELIGIBLE', 'EXCLUDED'] as const })

/** Calls go, or went, to what nothing stands against. */
export const verdictOf = ({ reasons }: { readonly reasons: readonly Reason[] }) =>
  reasons.length === 0 ? 'ELIGIBLE' : 'EXCLUDED'
