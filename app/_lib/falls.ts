// The rules that stand between a call and a function deployment, and where each candidate falls away.
import type { CandidateVerdict } from '../../graphql/generated/operations.ts'
import { isReason, type ReasonCode } from '../../server/domain/reason.ts'

/** A function deployment, or with no url a cluster. */
export type Candidate = {
  readonly cluster: { readonly id: string; readonly name: string }
  readonly url?: string
  readonly verdict: CandidateVerdict
  readonly reasons: readonly { readonly code: string; readonly message: string }[]
}

export type Rule = {
  readonly title: string
  readonly codes: readonly ReasonCode[]
  /** It leaves out most of a large fleet. */
  readonly early?: true
  /** Clusters are chosen by it, whoever calls what: it is kept of a decision. */
  readonly decided?: true
}

/** In the order in which the console asks them. */
export const rules: readonly Rule[] = [
  { title: 'For the caller', early: true, codes: ['CALLER_UNPROVEN', 'CALLER_REFUSED'] },
  { title: 'Allowed', early: true, decided: true, codes: ['ZONE_FORBIDS', 'RESIDENCY_VIOLATION', 'OVERRIDDEN'] },
  {
    title: 'Has a copy',
    early: true,
    decided: true,
    codes: ['NO_COPY', 'NOT_ACTIVE', 'FOREIGN_BUCKET', 'UNDECIDED', 'DELETING', 'WITHDRAWN'],
  },
  {
    title: 'Whole and fresh',
    decided: true,
    codes: ['NOT_COMPLETE', 'IN_CONFLICT', 'TOO_STALE', 'MASTER_MISSING', 'MASTER_REPLACED', 'MASTER_REGRESSED'],
  },
  {
    title: 'Answers',
    decided: true,
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
  { title: 'Has the function', codes: ['KIND_NOT_TAKEN', 'NO_SUCH_FUNCTION', 'NAME_IMPOSSIBLE'] },
  { title: 'Its turn', codes: ['LATER_IN_ORDER'] },
]

export const rulesOfDecisions: readonly Rule[] = rules.filter((rule) => rule.decided)

export type Fall = {
  readonly candidate: Candidate
  /** Index of the rule that stops it; all rules: none does. */
  readonly stop: number
  /** Why, in sentences. */
  readonly why: string
}

/** A code that a later FaDO has stops at the last rule. */
const ruleOf = (among: readonly Rule[], reason: { readonly code: string }): number => {
  const found = among.findIndex(({ codes }) => codes.some((code) => isReason(reason, code)))
  return found < 0 ? among.length - 1 : found
}

function fallOf(among: readonly Rule[], candidate: Candidate): Fall {
  const { reasons } = candidate
  if (reasons.length === 0) return { candidate, stop: among.length, why: '' }
  const stop = Math.min(...reasons.map((reason) => ruleOf(among, reason)))
  const first = reasons.filter((reason) => ruleOf(among, reason) === stop)
  return { candidate, stop, why: first.map(({ message }) => message).join('; ') }
}

/** Who comes farthest first. */
export const fallsOf = (candidates: readonly Candidate[], among: readonly Rule[] = rules): Fall[] =>
  candidates
    .map((candidate) => fallOf(among, candidate))
    .sort((a, b) => b.stop - a.stop || (a.candidate.cluster.name < b.candidate.cluster.name ? -1 : 1))

/** How many are left after a rule. */
export const leftAfter = (falls: readonly Fall[], rule: number): number =>
  falls.filter(({ stop }) => stop > rule).length

/** So many are shown line by line, however early they fall. */
const shown = 12
/** Of many those that fall at the first rules are only counted. */
export function folded(
  falls: readonly Fall[],
  among: readonly Rule[] = rules,
): { readonly lines: readonly Fall[]; readonly counted: readonly number[] } {
  if (falls.length <= shown) return { lines: falls, counted: [] }
  const early = among.filter((rule) => rule.early)
  return {
    lines: falls.filter(({ stop }) => stop >= early.length),
    counted: early.map((_rule, stop) => falls.filter((fall) => fall.stop === stop).length),
  }
}

/** Candidates that one sentence stops: it is told once. Who gets calls has a line alone. */
export type FallLine = Omit<Fall, 'candidate'> & { readonly candidates: readonly Candidate[] }

/** `said`: a sentence that stands above them already, and is not told again. */
export function fallLines(falls: readonly Fall[], among: readonly Rule[] = rules, said = ''): FallLine[] {
  const alike = Map.groupBy(falls, (fall) => (fall.why === '' ? fall : `${fall.stop} ${fall.why}`))
  return [...alike.values()].flatMap((all) => {
    const [first] = all
    if (first === undefined) return []
    const { stop, why } = first
    const candidates = all.map(({ candidate }) => candidate)
    return [{ candidates, stop, why: why !== '' && why === said ? notWords(among[stop]) : why }]
  })
}

/** In a few words that a rule stops something. */
export const notWords = (rule: Rule | undefined): string => `not ${rule?.title.toLowerCase() ?? ''}`
