import type { PolicyScope } from '../../domain/policy/definitions.ts'
import type { CatalogueTx } from '../core/client.ts'
import type { Sql } from '../core/pool.ts'
import { fleetId } from '../policies/in-force.ts'

/** Whose value it is: of the fleet, of a cluster or of a bucket. */
export type PolicyOwner =
  | { readonly scope: 'global' }
  | { readonly scope: Exclude<PolicyScope, 'global'>; readonly id: string }

const idOf = (owner: PolicyOwner): string => (owner.scope === 'global' ? fleetId : owner.id)

export async function setPolicyValue(sql: Sql, owner: PolicyOwner, name: string, value: unknown): Promise<void> {
  await sql.query(
    `INSERT INTO policy_value (scope, scope_id, name, value) VALUES ($1::text, $2::uuid, $3::text, $4::jsonb)
     ON CONFLICT (scope, scope_id, name) DO UPDATE SET value = excluded.value`,
    [owner.scope, idOf(owner), name, JSON.stringify(value)],
  )
}

/** Returns whether there was a value. */
export async function unsetPolicyValue(tx: CatalogueTx, owner: PolicyOwner, name: string): Promise<boolean> {
  const { count } = await tx.prisma.policyValue.deleteMany({
    where: { scope: owner.scope, scopeId: idOf(owner), name },
  })
  return count > 0
}

export type StoredPolicy = {
  readonly scope: PolicyScope
  /** Name of the bucket or cluster; null for the global scope. */
  readonly owner: string | null
  readonly name: string
  readonly value: unknown
}

/** All values there are, as they are stored. */
export async function storedPolicies(sql: Sql): Promise<StoredPolicy[]> {
  const { rows } = await sql.query<StoredPolicy>(
    `SELECT p.scope, COALESCE(b.name, c.name) AS owner, p.name, p.value FROM policy_value p
     LEFT JOIN bucket b ON b.id = p.scope_id LEFT JOIN cluster c ON c.id = p.scope_id ORDER BY p.scope, owner, p.name`,
  )
  return rows
}

/** A change of the fleet's own policies. Returns the new version. */
export async function bumpFleet(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ version: number }>('UPDATE fleet SET version = version + 1 RETURNING version')
  return rows[0]?.version ?? 0
}
