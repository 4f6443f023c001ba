// A caller as its form has it.
import type { CallerCreateInput } from '../../graphql/generated/operations.ts'
import { claimOf } from '../../server/domain/callers/claim-words.ts'
import type { Refusal } from './refusals.ts'

export type CallerDraft = {
  readonly name: string
  readonly by: 'key' | 'jwt'
  readonly issuer: string
  readonly jwksUrl: string
  /** The keys themselves, instead of where they are. */
  readonly jwks: string
  readonly audiences: readonly string[]
  /** One to a line. */
  readonly claims: string
}

export const emptyCaller: CallerDraft = {
  name: '',
  by: 'key',
  issuer: '',
  jwksUrl: '',
  jwks: '',
  audiences: [],
  claims: '',
}

const linesOf = (text: string) => text.split('\n').filter((line) => line.trim() !== '')

/** What the form finds before anything is asked. */
export function callerFaults({ by, claims }: CallerDraft): readonly Refusal[] {
  const bad = by === 'key' ? undefined : linesOf(claims).find((line) => claimOf(line) === undefined)
  if (bad === undefined) return []
  return [
    { code: 'VALIDATION_FAILED', message: `${bad.trim()} is no claim: write role=nurse,doctor`, path: claimsPath },
  ]
}
const claimsPath = ['how', 'jwt', 'claims']

export function callerInput({ name, by, issuer, jwksUrl, jwks, audiences, claims }: CallerDraft): CallerCreateInput {
  if (by === 'key') return { name: name.trim(), how: { key: true } }
  const found = linesOf(claims).flatMap((line) => claimOf(line) ?? [])
  const jwt = {
    issuer: issuer.trim(),
    jwksUrl: jwksUrl.trim() || null,
    jwks: jwks.trim() || null,
    audiences: [...audiences],
    claims: found.map((claim) => ({ name: claim.name, values: [...claim.values] })),
  }
  return { name: name.trim(), how: { jwt } }
}
