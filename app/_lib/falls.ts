// The rules that stand between a call and a function deployment, and where each candidate falls away.
import type { ExplainCallQuery } from '../../graphql/generated/operations.ts'
import { isReason, type ReasonCode } from '../../server/domain/reason.ts'

export type Candidate = ExplainCallQuery['explainRequest']['candidates'][number]

type Rule = { readonly title: string; readonly codes: readonly ReasonCode[] }

/** In the order in which the console asks them. */
export const rules: readonly Rule[] = [
  { title: 'For the caller', codes: ['CALLER_UNPROVEN', 'CALLER_REFUSED'] },
  { title: 'Allowed', codes: ['ZONE_FORBIDS', 'RESIDENCY_VIOLATION', 'OVERRIDDEN'] },
  {
    title: 'Has a copy',

    codes: ['NO_COPY', 'NOT_ACTIVE', 'FOREIGN_BUCKET', 'UNDECIDED', 'DELETING', 'WITHDRAWN'],
  },
  {
    title: 'Whole and fresh',

    codes: ['NOT_COMPLETE', 'IN_CONFLICT', 'TOO_STALE', 'MASTER_MISSING', 'MASTER_REPLACED', 'MASTER_REGRESSED'],
  },
  {
    title: 'Answers',

    codes: [
      'STORE_UNREACHABLE',
      'STORE_RETURNING',
      'NO_FUNCTIONS',
      'NO_ADDRESS',
      'SECRETS_MISSING',
      'DEPLOYMENT_DOWN',
      'DEPLOYMENT_RETURNING',
    ],
  },
  { title: 'Has the function', codes: ['NO_SUCH_FUNCTION', 'NAME_IMPOSSIBLE'] },
  { title: 'Its turn', codes: ['LATER_IN_ORDER'] },
]

export type Fall = {
  readonly candidate: Candidate
  /** Index of the rule that stops it; all rules: none does. */
  readonly stop: number
  /** Why, in sentences. */
  readonly why: string
}

/** A code that a later FaDO has stops at the last rule. */
const ruleOf = (reason: { readonly code: string }): number => {
  const found = rules.findIndex(({ codes }) => codes.some((code) => isReason(reason, code)))
  return found < 0 ? rules.length - 1 : found
}

function fallOf(candidate: Candidate): Fall {
  const { reasons } = candidate
  if (reasons.length === 0) return { candidate, stop: rules.length, why: '' }
  const stop = Math.min(...reasons.map(ruleOf))
  const first = reasons.filter((reason) => ruleOf(reason) === stop)
  return { candidate, stop, why: first.map(({ message }) => message).join('; ') }
}

/** Who comes farthest first. */
export const fallsOf = (candidates: readonly Candidate[]): Fall[] =>
  candidates
    .map(fallOf)
    .sort((a, b) => b.stop - a.stop || (a.candidate.cluster.name < b.candidate.cluster.name ? -1 : 1))

/** How many are left after a rule. */
export const leftAfter = (falls: readonly Fall[], rule: number): number =>
  falls.filter(({ stop }) => stop > rule).length

/** So many are shown line by line, however early they fall. */
const shown = 12
/** Rules that leave out most of a large fleet. */
const early = 3

/** Of many those that fall at the first rules are only counted. */
export function folded(falls: readonly Fall[]): {
  readonly lines: readonly Fall[]
  readonly counted: readonly number[]
} {
  if (falls.length <= shown) return { lines: falls, counted: [] }
  return {
    lines: falls.filter(({ stop }) => stop >= early),
    counted: Array.from({ length: early }, (_, rule) => falls.filter(({ stop }) => stop === rule).length),
  }
}
