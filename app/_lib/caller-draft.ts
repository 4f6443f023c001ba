// A caller as its form has it.
import type { CallerCreateInput, CallerHowInput, CallerKind } from '../../graphql/generated/operations.ts'
import { claimOf } from '../../server/domain/callers/claim-words.ts'
import type { Refusal } from './refusals.ts'

export type CallerDraft = {
  readonly name: string
  readonly by: CallerKind
  readonly issuer: string
  readonly jwksUrl: string
  /** The keys themselves, instead of where they are. */
  readonly jwks: string
  readonly audiences: readonly string[]
  /** One to a line. */
  readonly claims: string
  /** Who signs its certificates, in PEM. */
  readonly ca: string
  readonly subjectAltNames: readonly string[]
}

export const emptyCaller: CallerDraft = {
  name: '',
  by: 'KEY',
  issuer: '',
  jwksUrl: '',
  jwks: '',
  audiences: [],
  claims: '',
  ca: '',
  subjectAltNames: [],
}

const linesOf = (text: string) => text.split('\n').filter((line) => line.trim() !== '')

/** What the form finds before anything is asked. */
export function callerFaults({ by, claims }: CallerDraft): readonly Refusal[] {
  const bad = by !== 'JWT' ? undefined : linesOf(claims).find((line) => claimOf(line) === undefined)
  if (bad === undefined) return []
  return [
    { code: 'VALIDATION_FAILED', message: `${bad.trim()} is no claim: write role=nurse,doctor`, path: claimsPath },
  ]
}
const claimsPath = ['how', 'jwt', 'claims']

export const callerInput = (draft: CallerDraft): CallerCreateInput => ({ name: draft.name.trim(), how: howOf(draft) })

function howOf({ by, ca, subjectAltNames, ...tokens }: CallerDraft): CallerHowInput {
  switch (by) {
    case 'KEY':
      return { key: true }
    case 'CERTIFICATE':
      return { certificate: { ca, subjectAltNames: [...subjectAltNames] } }
    case 'JWT':
      return { jwt: jwtOf(tokens) }
  }
}

function jwtOf({ issuer, jwksUrl, jwks, audiences, claims }: Omit<CallerDraft, 'by' | 'ca' | 'subjectAltNames'>) {
  const found = linesOf(claims).flatMap((line) => claimOf(line) ?? [])
  return {
    issuer: issuer.trim(),
    jwksUrl: jwksUrl.trim() || null,
    jwks: jwks.trim() || null,
    audiences: [...audiences],
    claims: found.map((claim) => ({ name: claim.name, values: [...claim.values] })),
  }
}
