// Policy values as people type them: `target_replica_count=2`, `zones=germany,eu`, `delete_brake={"objects":5,"percent":1}`.
import { everyZone, type PolicyName, policyDefinitions } from '../domain/policy/policy.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import { parseNames } from './names.ts'

export type Assignment = { readonly name: string; readonly value: unknown }

/** Policies whose value is a list of names, which may be typed with commas. */
const lists: ReadonlySet<string> = new Set<PolicyName>(['zones', 'replica_locations', 'cors_origins'])

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Of the policy `zones`, all there are: the empty list. No zone may be called so. */
const all = everyZone

/** JSON where it is JSON, else text; whether the policy takes it is the server's to say. */
function parseValue(name: string, text: string): unknown {
  if (name === 'zones' && text.trim() === all) return []
  if (!lists.has(name)) {
    if (text.trim() === '') throw new CommandFailure(exitCodes.usage, `${name}= has no value`)
    return parseJson(text)
  }
  if (/^\s*(\[|null\s*$)/.test(text)) return parseJson(text)
  return parseNames(text, `${name}=`, name === 'zones' ? `zones=${all} for every zone` : `${name}=null for any store`)
}

/** A value in a sentence. */
export const valueText = (name: string, value: unknown): string =>
  name === 'zones' && Array.isArray(value) && value.length === 0 ? all : JSON.stringify(value)

export function parseAssignment(text: string): Assignment {
  const at = text.indexOf('=')
  if (at < 1) {
    throw new CommandFailure(exitCodes.usage, `"${text}" is not NAME=VALUE, for example zones=germany,eu`)
  }
  const name = text.slice(0, at)
  return { name, value: parseValue(name, text.slice(at + 1)) }
}

/** For --help. */
export const policyHelp = (): string =>
  Object.entries(policyDefinitions)
    .map(([name, { type }]) => `  ${name.padEnd(22)}${type}`)
    .join('\n')
