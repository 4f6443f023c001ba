import { unknownCallers } from '../../db/catalogue/callers.ts'
import { knownZones } from '../../db/catalogue/clusters.ts'
import { unknownStorages } from '../../db/catalogue/storage-deployments.ts'
import type { Sql } from '../../db/core/pool.ts'
import {
  isPolicyName,
  type PolicyName,
  type PolicyScope,
  parsePolicyValue,
  policyDefinitions,
  policyNames,
} from '../../domain/policy/definitions.ts'
import { invalid } from '../shared/check-input.ts'

export type GivenPolicy = { readonly name: string; readonly value?: unknown }
export type ParsedPolicy = { readonly name: PolicyName; readonly value: unknown }

export function checkPolicyName(name: string, path: readonly string[]): PolicyName {
  if (isPolicyName(name)) return name
  throw invalid(`There is no policy ${name.slice(0, 64)}; there are ${policyNames.join(', ')}`, path)
}

export function checkPolicyScope(name: PolicyName, scope: PolicyScope, path: readonly string[]): void {
  const { scopes } = policyDefinitions[name]
  if (!scopes.includes(scope))
    throw invalid(`The policy ${name} has no scope ${scope}, only ${scopes.join(' and ')}`, path)
}

/** A typing error in the name of a zone would evict every copy. */
async function checkReferences(sql: Sql, { name, value }: ParsedPolicy, path: readonly string[]): Promise<void> {
  const { kind } = policyDefinitions[name].values
  if (kind.kind !== 'names' || value === null) return
  const names = value as readonly string[]
  if (kind.of === 'zone') {
    const known = await knownZones(sql)
    const unknown = names.filter((zone) => !known.has(zone))
    if (unknown.length > 0) throw invalid(`No cluster lies in ${unknown.join(', ')}`, path)
  }
  if (kind.of === 'caller') {
    const unknown = await unknownCallers(sql, names)
    if (unknown.length > 0) throw invalid(`There is no caller ${unknown.join(', ')}`, path)
  }
  if (kind.of === 'store') {
    const unknown = await unknownStorages(sql, names)
    if (unknown.length > 0) throw invalid(`There is no storage deployment ${unknown.join(', ')}`, path)
  }
}

/** `path` leads to the record of name and value. */
export async function parsePolicy(
  sql: Sql,
  scope: PolicyScope,
  given: GivenPolicy,
  path: readonly string[],
): Promise<ParsedPolicy> {
  const name = checkPolicyName(given.name, [...path, 'name'])
  checkPolicyScope(name, scope, path.length === 0 ? ['scope'] : [...path, 'name'])
  const parsed = parsePolicyValue(name, given.value)
  if (!parsed.ok) throw invalid(`${name} ${parsed.reason}`, [...path, 'value'])
  const policy = { name, value: parsed.value }
  await checkReferences(sql, policy, [...path, 'value'])
  return policy
}

/** Those of one new bucket, each named once. */
export async function parsePolicies(
  sql: Sql,
  given: readonly GivenPolicy[],
  path: readonly string[],
): Promise<ParsedPolicy[]> {
  const parsed: ParsedPolicy[] = []
  for (const [i, policy] of given.entries()) {
    const at = [...path, String(i)]
    const one = await parsePolicy(sql, 'bucket', policy, at)
    if (parsed.some((other) => other.name === one.name)) throw invalid(`${one.name} is given twice`, [...at, 'name'])
    parsed.push(one)
  }
  return parsed
}
