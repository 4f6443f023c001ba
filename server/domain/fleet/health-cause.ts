// Why something that is probed is not well, in a word that programs may decide by. What was seen is told beside it.

/**
 * - `SILENT`: no answer in time, or no way there: the network may be to blame, its own or ours
 * - `DOUBTED`: as SILENT, but so are most: FaDO suspects its own network, and calls still go there for a while
 * - `UNREACHABLE`: the connection is refused or cut, the name is not known, the certificate is not trusted
 * - `FAILING`: it answers with an error of its own
 * - `KEY_REFUSED`: FaDO's credentials are not accepted there, or cannot be read
 * - `DENIED`: a store accepts them and lets FaDO read none of its buckets
 * - `CLOCK_APART`: a store refuses what is signed by FaDO's clock
 */
export type HealthCause = 'SILENT' | 'DOUBTED' | 'UNREACHABLE' | 'FAILING' | 'KEY_REFUSED' | 'DENIED' | 'CLOCK_APART'

/** What a probe finds amiss. */
export type ProbeTrouble = {
  readonly cause: Exclude<HealthCause, 'DOUBTED'>
  /** A sentence without its full stop. */
  readonly detail: string
  /** Nobody listened where it should be, as while a process restarts. A connection that merely ends is no such sign. */
  readonly away: boolean
}

/** Of several troubles with one thing the one to be told: whatever is no silence is a fact about the other side. */
export const mostTelling = (troubles: readonly ProbeTrouble[]): ProbeTrouble | null =>
  troubles.find(({ cause }) => cause !== 'SILENT') ?? troubles[0] ?? null

/** Nothing that is asked of it would be answered, as far as is known. */
export const doesNotAnswer = (seen: { readonly health: string; readonly healthCause: HealthCause | null }): boolean =>
  seen.health === 'unhealthy' && (seen.healthCause === 'SILENT' || seen.healthCause === 'UNREACHABLE')
