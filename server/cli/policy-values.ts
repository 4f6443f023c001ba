// Policy values as people type them: `target_replica_count=2`, `zones=germany,eu`, `delete_brake={"objects":5,"percent":1}`.
import { bytes, parseBytes } from '../byte-words.ts'
import { durationWords, parseDuration } from '../domain/duration-words.ts'
import { isPolicyName, type PolicyName, policyDefinitions, policyNames } from '../domain/policy/definitions.ts'
import { typeWords, type Unit } from '../domain/policy/value-kind.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import { parseNames } from './names.ts'

export type Assignment = { readonly name: string; readonly value: unknown }

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Names may be typed with commas. */
const isList = (name: PolicyName): boolean => policyDefinitions[name].values.kind.kind === 'names'

function unitOf(name: string): Unit | undefined {
  const kind = isPolicyName(name) ? policyDefinitions[name].values.kind : undefined
  return kind?.kind === 'number' ? kind.unit : undefined
}

/** A figure with its unit; undefined: it is none, or the policy has no such values. */
function parseMeasure(name: PolicyName, text: string): number | undefined {
  const unit = unitOf(name)
  if (unit === 'seconds') return parseDuration(text)
  return unit === 'bytes_per_second' ? parseBytes(text) : undefined
}

/** JSON where it is JSON, else the value's word, else text; whether the policy takes it is the server's to say. */
function parseValue(name: string, text: string): unknown {
  if (isPolicyName(name)) {
    const { word } = policyDefinitions[name]
    // The API takes no null for a value: there the word stands for it.
    if (word !== null && text.trim() === word.word) return word.value ?? word.word
    const measure = parseMeasure(name, text)
    if (measure !== undefined) return measure
    if (isList(name) && !/^\s*(\[|null\s*$)/.test(text)) return parseNames(text, `${name}=`, wordHelp(name))
  }
  if (text.trim() === '') throw new CommandFailure(exitCodes.usage, `${name}= has no value`)
  return parseJson(text)
}

/** How the value that has a word is typed. */
function wordHelp(name: PolicyName): string | undefined {
  const { word } = policyDefinitions[name]
  return word === null ? undefined : `type ${name}=${word.word}`
}

const isName = (value: unknown): value is string => typeof value === 'string' && /^[^\s,"[\]{}]+$/.test(value)

/** Short only where nothing is lost by it. */
function speedWords(value: number): string {
  const short = bytes(value)
  return parseBytes(short) === value ? `${short}/s` : `${value} B/s`
}

/** A value as one types it; of a duration its parts, e.g. `7 days`, and a speed with its unit. */
export function valueText(name: string, value: unknown): string {
  if (typeof value === 'number' && value > 0 && unitOf(name) === 'seconds') return durationWords(value)
  if (typeof value === 'number' && unitOf(name) === 'bytes_per_second') return speedWords(value)
  const text = JSON.stringify(value)
  const word = isPolicyName(name) ? policyDefinitions[name].word : null
  if (word !== null && JSON.stringify(word.value) === text) return word.word
  if (isName(value)) return value
  return Array.isArray(value) && value.length > 0 && value.every(isName) ? value.join(',') : text
}

export function parseAssignment(text: string): Assignment {
  const at = text.indexOf('=')
  if (at < 1) {
    throw new CommandFailure(exitCodes.usage, `"${text}" is not NAME=VALUE, for example zones=germany,eu`)
  }
  const name = text.slice(0, at)
  return { name, value: parseValue(name, text.slice(at + 1)) }
}

const nameWidth = Math.max(...policyNames.map((name) => name.length)) + 2

/** For --help. */
export const policyHelp = (): string =>
  policyNames
    .map(
      (name) =>
        `  ${name.padEnd(nameWidth)}${typeWords(policyDefinitions[name].values.kind, policyDefinitions[name].word)}`,
    )
    .concat('  Seconds may be typed as 90s, 30min, 2h or 7d, bytes per second as 500kB or 10MB.')
    .join('\n')
