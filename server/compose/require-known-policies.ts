// A policy that this version cannot read would count as not set, and data would go where it may not: nothing starts then.
import { storedPolicies } from '../db/catalogue/policy-values.ts'
import type { Sql } from '../db/core/pool.ts'
import { FadoError } from '../domain/errors.ts'
import { isPolicyName, parsePolicyValue } from '../domain/policy/definitions.ts'

/** Throws UNSAFE, with what to do, when a stored policy has a name or a value that is not known here. */
export async function requireKnownPolicies(sql: Sql): Promise<void> {
  for (const { scope, owner, name, value } of await storedPolicies(sql)) {
    const parsed = isPolicyName(name) ? parsePolicyValue(name, value) : undefined
    if (parsed?.ok) continue
    const whose = owner === null ? 'of all buckets' : `of ${scope} ${owner}`
    const why = parsed === undefined ? 'is not known to this version of FaDO' : parsed.reason
    throw new FadoError(
      'UNSAFE',
      `The policy ${name} ${whose} ${why}, but ${JSON.stringify(value)} is stored: start the version that set it, and unset ` +
        'it there before you start this one',
    )
  }
}
