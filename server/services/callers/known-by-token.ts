// A caller that is known by tokens of an issuer.
import { keysOfIssuer } from '../../db/catalogue/callers.ts'
import type { Sql } from '../../db/core/pool.ts'
import type { KnownByToken } from '../../db/terms/callers.ts'
import { type Claim, ownIssuer } from '../../domain/callers/by-token.ts'
import { FadoError } from '../../domain/errors.ts'
import { checkLink, checkText, invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { fetchKeys } from './fetch-keys.ts'
import type { HowKnown } from './how-known.ts'
import { publicKeys } from './public-keys.ts'

export type JwtHow = {
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly jwksUrl?: string | null | undefined
  readonly jwks?: string | null | undefined
  readonly claims: readonly Claim[]
}

const longest = 512
const most = 20
const mostJwks = 100_000

function checkTexts(texts: readonly string[], path: readonly string[]): void {
  if (texts.length > most) throw invalid(`${path.at(-1)} must be at most ${most}`, path)
  for (const [i, text] of texts.entries()) checkText(text, longest, [...path, String(i)])
}

function checkClaims(claims: readonly Claim[], path: readonly string[]): void {
  if (claims.length > most) throw invalid(`claims must be at most ${most}`, path)
  for (const [i, { name, values }] of claims.entries()) {
    const at = [...path, String(i)]
    checkText(name, longest, [...at, 'name'])
    checkTexts(values, [...at, 'values'])
    if (values.length === 0) throw invalid('A claim needs a value that lets in', [...at, 'values'])
  }
}

/** Keys that are looked for at an address are asked for at once: a mistake is seen now, and not by the first call. */
export async function knownByToken(how: JwtHow, deps: ServiceDeps): Promise<HowKnown> {
  const path = ['how', 'jwt']
  const { issuer, audiences, claims, jwks, jwksUrl } = how
  checkText(issuer, longest, [...path, 'issuer'])
  if (issuer === ownIssuer) throw invalid(`${ownIssuer} is the issuer of FaDO's own keys`, [...path, 'issuer'])
  checkTexts(audiences, [...path, 'audiences'])
  checkClaims(claims, [...path, 'claims'])
  if (Boolean(jwks) === Boolean(jwksUrl))
    throw invalid("Give the issuer's keys: either jwksUrl, or jwks", [...path, 'jwks'])
  const url = jwksUrl ? checkLink(jwksUrl, [...path, 'jwksUrl']) : null
  const keys = await keysOf(deps, url, jwks ?? '')
  const known = { kind: 'jwt', issuer, audiences, claims, jwksUrl: url, jwks: keys } as const
  return { known, detail: tokenDetail(known), secret: null, requireAlike: (sql) => requireSameKeys(sql, known) }
}

export function tokenDetail({ kind, issuer, audiences, claims, jwksUrl }: KnownByToken & { readonly kind: string }) {
  return { kind, issuer, audiences, claims, jwksUrl }
}

async function keysOf(deps: ServiceDeps, url: string | null, given: string): Promise<string> {
  if (url !== null)
    return fetchKeys(deps, url).catch((error: Error) => {
      throw invalid(error.message, ['how', 'jwt', 'jwksUrl'])
    })
  const found = given.length > mostJwks ? { refused: `must be at most ${mostJwks} characters` } : publicKeys(given)
  if ('refused' in found) throw invalid(`jwks ${found.refused}`, ['how', 'jwt', 'jwks'])
  return found.keys
}

/** Whose keys sign is one matter of an issuer: with two answers, each would let in the other's. */
async function requireSameKeys(sql: Sql, made: KnownByToken): Promise<void> {
  const known = await keysOfIssuer(sql, made.issuer)
  if (known === undefined) return
  if (known.jwksUrl === made.jwksUrl && (made.jwksUrl !== null || known.jwks === made.jwks)) return
  throw new FadoError(
    'CONFLICT',
    `There is a caller of the issuer ${made.issuer} already, by other keys: give the same for this one`,
    { path: ['how', 'jwt', 'issuer'] },
  )
}
