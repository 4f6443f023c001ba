// Bearer tokens. Only their SHA-256 is stored: they are random, so nothing slower is needed.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { v7 } from 'uuid'
import { ensureToken, noteTokenUse, validToken } from '../../db/catalogue/api-tokens.ts'
import { FadoError } from '../../domain/errors.ts'
import type { Actor } from '../shared/authorize.ts'
import type { ServiceDeps } from '../shared/deps.ts'

export const hashToken = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** Says by its beginning what it is, so that scanners for leaked secrets know it. */
export const newToken = (): string => `fado_${randomBytes(24).toString('base64url')}`

export type Authenticated = Actor & {
  /** Null = it never expires. */
  readonly expiresInSeconds: number | null
}

const longest = 512

/** Who holds this token; undefined when it is none, was revoked or has expired. */
export async function authenticate(
  { pool, log }: Pick<ServiceDeps, 'pool' | 'log'>,
  secret: string,
): Promise<Authenticated | undefined> {
  if (secret === '' || secret.length > longest) return undefined
  const hash = hashToken(secret)
  const token = await validToken(pool, hash)
  if (token === undefined || !timingSafeEqual(Buffer.from(token.hash), Buffer.from(hash))) return undefined
  if (token.stale)
    await noteTokenUse(pool, token.id).catch((error: unknown) => log.warn({ err: error }, 'a use was not noted'))
  const { id, name, role, zones, expiresInSeconds } = token
  return { id, name, role, zones, expiresInSeconds }
}

/** The token of `Authorization: Bearer TOKEN`; undefined for any other form. */
export function bearerToken(header: string | undefined): string | undefined {
  return header === undefined ? undefined : /^Bearer +([^\s]+) *$/i.exec(header)?.[1]
}

/** The password of `Authorization: Basic ...`, whatever the name before it; undefined for any other form. */
export function passwordOf(header: string | undefined): string | undefined {
  const encoded = header === undefined ? undefined : /^Basic +([A-Za-z0-9+/]+=*) *$/i.exec(header)?.[1]
  if (encoded === undefined) return undefined
  const [, password] = /^[^:]*:(.+)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? []
  return password
}

/**
 * There is always an admin's token: the configured one is made valid, unless it was revoked. Throws FORBIDDEN, with what to
 * do, when it was.
 */
export async function ensureAdminToken({ pool }: Pick<ServiceDeps, 'pool'>, secret: string): Promise<void> {
  const token = { id: v7(), name: 'admin', role: 'ADMIN', hash: hashToken(secret) } as const
  if (await ensureToken(pool, token)) return
  throw new FadoError(
    'FORBIDDEN',
    "The admin's token was revoked: give another one in FADO_TOKEN, or remove the file token from the state directory",
  )
}
