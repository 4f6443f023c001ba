import type { TokenRole } from '../../domain/token-role.ts'
import type { CatalogueTx } from '../core/client.ts'
import type { Sql } from '../core/pool.ts'

export type TokenRecord = {
  readonly id: string
  readonly name: string
  readonly role: TokenRole
  readonly zones: readonly string[]
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly lastUsedAt: Date | null
}

const columns = `id, name, role, zones, created_at AS "createdAt", expires_at AS "expiresAt", last_used_at AS "lastUsedAt"`

export type ValidToken = Pick<TokenRecord, 'id' | 'name' | 'role' | 'zones'> & {
  readonly hash: string
  /** Until it expires; null = never. */
  readonly expiresInSeconds: number | null
  /** It was last noted as used over a minute ago. */
  readonly stale: boolean
}

/** Of a token that was revoked or has expired: undefined. */
export async function validToken(sql: Sql, hash: string): Promise<ValidToken | undefined> {
  const { rows } = await sql.query<ValidToken>(
    `SELECT id, name, role, zones, hash, extract(epoch FROM expires_at - now())::float8 AS "expiresInSeconds",
       COALESCE(last_used_at < now() - interval '1 minute', true) AS stale
     FROM api_token WHERE hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
    [hash],
  )
  return rows[0]
}

export async function noteTokenUse(sql: Sql, id: string): Promise<void> {
  await sql.query(
    `UPDATE api_token SET last_used_at = now()
     WHERE id = $1 AND COALESCE(last_used_at < now() - interval '1 minute', true)`,
    [id],
  )
}

/** Those that were not revoked, in the order in which they were made. */
export async function listTokens(sql: Sql): Promise<TokenRecord[]> {
  const { rows } = await sql.query<TokenRecord>(
    `SELECT ${columns} FROM api_token WHERE revoked_at IS NULL ORDER BY created_at, id`,
  )
  return rows
}

export async function tokensByIds(sql: Sql, ids: readonly string[]): Promise<TokenRecord[]> {
  const { rows } = await sql.query<TokenRecord>(
    `SELECT ${columns} FROM api_token WHERE id = ANY($1::uuid[]) AND revoked_at IS NULL`,
    [ids],
  )
  return rows
}

/** Those of them that were revoked. */
export async function revokedTokens(sql: Sql, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>(
    'SELECT id FROM api_token WHERE id = ANY($1::uuid[]) AND revoked_at IS NOT NULL',
    [ids],
  )
  return rows.map(({ id }) => id)
}

/** Those of them that no valid token has, or none at all. */
export async function withoutToken(sql: Sql, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>(
    `SELECT id::text FROM unnest($1::uuid[]) AS asked (id)
     WHERE NOT EXISTS (SELECT 1 FROM api_token t WHERE t.id = asked.id AND t.revoked_at IS NULL)`,
    [ids],
  )
  return rows.map(({ id }) => id)
}

export async function tokenNameTaken(sql: Sql, name: string): Promise<boolean> {
  // Names are unique among valid tokens; two makers of one name wait for each other.
  await sql.query('LOCK TABLE api_token IN SHARE ROW EXCLUSIVE MODE')
  const { rows } = await sql.query<{ id: string }>(
    'SELECT id FROM api_token WHERE name = $1 AND revoked_at IS NULL LIMIT 1',
    [name],
  )
  return rows.length > 0
}

export type NewToken = {
  readonly id: string
  readonly name: string
  readonly hash: string
  readonly role: TokenRole
  readonly zones: readonly string[]
  readonly expiresAt: Date | null
}

export async function insertToken(tx: CatalogueTx, token: NewToken): Promise<void> {
  await tx.prisma.apiToken.create({ data: { ...token, zones: [...token.zones] } })
}

export async function revokeToken(sql: Sql, id: string): Promise<void> {
  await sql.query('UPDATE api_token SET revoked_at = now() WHERE id = $1::uuid AND revoked_at IS NULL', [id])
}

/** Whether the moment lies ahead, by the database's clock. */
export async function isAhead(sql: Sql, moment: Date): Promise<boolean> {
  const { rows } = await sql.query<{ ahead: boolean }>('SELECT $1::timestamptz > now() AS ahead', [
    moment.toISOString(),
  ])
  return rows[0]?.ahead ?? false
}

/** A token that the configuration gives, if it is not there yet. Returns whether it is valid now. */
export async function ensureToken(sql: Sql, token: Omit<NewToken, 'expiresAt' | 'zones'>): Promise<boolean> {
  const { id, name, hash, role } = token
  await sql.query(
    `INSERT INTO api_token (id, name, hash, role, zones) VALUES ($1, $2, $3, $4, '{}') ON CONFLICT (hash) DO NOTHING`,
    [id, name, hash, role],
  )
  return (await validToken(sql, hash)) !== undefined
}
