import { v7 } from 'uuid'
import {
  insertToken,
  isAhead,
  listTokens,
  revokeToken as revoke,
  type TokenRecord,
  tokenNameTaken,
  tokensByIds,
} from '../../db/catalogue/api-tokens.ts'
import { knownZones } from '../../db/catalogue/clusters.ts'
import { FadoError } from '../../domain/errors.ts'
import type { TokenRole } from '../../domain/token-role.ts'
import { type Actor, requireRole } from '../shared/authorize.ts'
import { change } from '../shared/change.ts'
import { checkName, checkZones, invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { hashToken, newToken } from './authenticate.ts'

export type CreateToken = {
  readonly name: string
  readonly role: TokenRole
  readonly zones: readonly string[]
  readonly expiresAt?: Date | null | undefined
}

/** A token's bounds must lie within its maker's. NOTIFY and PROXY know no bounds. */
function requireWithin(actor: Actor, role: TokenRole, zones: readonly string[]): void {
  if (actor.zones.length === 0) return
  const within = zones.length > 0 && zones.every((zone) => actor.zones.includes(zone))
  if (within && role !== 'NOTIFY' && role !== 'PROXY') return
  throw new FadoError(
    'FORBIDDEN',
    `Your token is for the zones ${actor.zones.join(', ')} only: it may not make or revoke a token that may do more`,
    { path: ['zones'] },
  )
}

/** The secret is shown once and not stored. */
export async function createToken(
  deps: ServiceDeps,
  actor: Actor,
  input: CreateToken,
): Promise<{ readonly secret: string; readonly id: string }> {
  requireRole(actor, 'ADMIN')
  const { name, role } = input
  checkName(name, ['name'])
  const zones = checkZones(input.zones, ['zones'])
  requireWithin(actor, role, zones)
  const expiresAt = input.expiresAt ?? null
  const secret = newToken()
  const id = await change(deps, actor, 'tokenCreate', async (tx) => {
    const known = await knownZones(tx)
    const unknown = zones.filter((zone) => !known.has(zone))
    if (unknown.length > 0) throw invalid(`No cluster lies in ${unknown.join(', ')}`, ['zones'])
    if (expiresAt !== null && !(await isAhead(tx, expiresAt)))
      throw invalid('expiresAt must lie in the future', ['expiresAt'])
    if (await tokenNameTaken(tx, name))
      throw new FadoError('ALREADY_EXISTS', `There is a token ${name} already`, { path: ['name'] })
    const token = { id: v7(), name, hash: hashToken(secret), role, zones, expiresAt }
    await insertToken(tx, token)
    tx.changed('token', [token.id])
    return { result: token.id, subject: name, detail: { role, zones, expiresAt: expiresAt?.toISOString() ?? null } }
  })
  return { secret, id }
}

/** Its open subscriptions end. Returns its id. */
export async function revokeToken(deps: ServiceDeps, actor: Actor, input: { readonly id: string }): Promise<string> {
  requireRole(actor, 'ADMIN')
  return change(deps, actor, 'tokenRevoke', async (tx) => {
    const [token] = await tokensByIds(tx, [input.id])
    if (token === undefined) throw new FadoError('NOT_FOUND', 'There is no such token', { path: ['id'] })
    requireWithin(actor, token.role, token.zones)
    await revoke(tx, token.id)
    tx.changed('token', [token.id])
    return { result: token.id, subject: token.name }
  })
}

export async function readTokens({ pool }: Pick<ServiceDeps, 'pool'>, actor: Actor): Promise<TokenRecord[]> {
  requireRole(actor, 'ADMIN')
  return listTokens(pool)
}
