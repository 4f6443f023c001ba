// Policy values as people type them: `target_replica_count=2`, `zones=germany,eu`, `delete_brake={"objects":5,"percent":1}`.
import { type PolicyName, policyDefinitions } from '../domain/policy/policy.ts'
import { CommandFailure, exitCodes } from './failure.ts'

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

const items = (text: string) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')

/** JSON where it is JSON, else text; whether the policy takes it is the server's to say. */
function parseValue(name: string, text: string): unknown {
  const isJson = /^\s*(\[|null\s*$)/.test(text)
  return lists.has(name) && !isJson ? items(text) : parseJson(text)
}

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
