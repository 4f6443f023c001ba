// A caller that is known by tokens: those of an issuer, or one that FaDO signs for it, which is its key.
import { type KnownByToken, keysOfIssuer } from '../../db/catalogue/callers.ts'
import type { Sql } from '../../db/core/pool.ts'
import { type Claim, ownClaims, ownIssuer } from '../../domain/callers/caller.ts'
import { publicKeys } from '../../domain/callers/public-keys.ts'
import { FadoError } from '../../domain/errors.ts'
import { checkLink, checkText, invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { fetchKeys } from './fetch-keys.ts'
import { makeOwnKey } from './own-key.ts'

export type JwtHow = {
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly jwksUrl?: string | null | undefined
  readonly jwks?: string | null | undefined
  readonly claims: readonly Claim[]
}
export type ByToken = KnownByToken & { readonly kind: 'jwt' | 'key' }

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
export async function knownByToken(deps: ServiceDeps, how: JwtHow): Promise<ByToken> {
  const path = ['how', 'jwt']
  const { issuer, audiences, claims, jwks, jwksUrl } = how
  checkText(issuer, longest, [...path, 'issuer'])
  if (issuer === ownIssuer) throw invalid(`${ownIssuer} is the issuer of FaDO's own keys`, [...path, 'issuer'])
  checkTexts(audiences, [...path, 'audiences'])
  checkClaims(claims, [...path, 'claims'])
  if (Boolean(jwks) === Boolean(jwksUrl))
    throw invalid("Give the issuer's keys: either jwksUrl, or jwks", [...path, 'jwks'])
  const url = jwksUrl ? checkLink(jwksUrl, [...path, 'jwksUrl']) : null
  return { kind: 'jwt', issuer, audiences, claims, jwksUrl: url, jwks: await keysOf(deps, url, jwks ?? '') }
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

export function knownByKey(): ByToken & { readonly secret: string } {
  const { secret, subject, jwks } = makeOwnKey()
  return { secret, kind: 'key', issuer: ownIssuer, audiences: [], claims: ownClaims(subject), jwksUrl: null, jwks }
}

/** Whose keys sign is one matter of an issuer: with two answers, each would let in the other's. */
export async function requireSameKeys(sql: Sql, made: ByToken): Promise<void> {
  const known = await keysOfIssuer(sql, made.issuer)
  if (known === undefined || made.kind === 'key') return
  if (known.jwksUrl === made.jwksUrl && (made.jwksUrl !== null || known.jwks === made.jwks)) return
  throw new FadoError(
    'CONFLICT',
    `There is a caller of the issuer ${made.issuer} already, by other keys: give the same for this one`,
    { path: ['how', 'jwt', 'issuer'] },
  )
}
