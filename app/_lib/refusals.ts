// What went wrong with a mutation, and which field it belongs to.
import type { CombinedError } from 'urql'

export type Refusal = { readonly code: string; readonly message: string; readonly path: readonly string[] }

/** The error member of a mutation's result, whatever its type: all implement UserError. */
export function refusalOf(result: object): Refusal | null {
  if (!('code' in result && 'message' in result && 'path' in result)) return null
  const { code, message, path } = result
  return { code: String(code), message: String(message), path: Array.isArray(path) ? path.map(String) : [] }
}

export function refusalOfError(error: CombinedError): Refusal {
  if (error.networkError) {
    return {
      code: 'NETWORK',
      message: 'FaDO did not answer, so it is not known whether this was done. Look before you try again.',
      path: [],
    }
  }
  const first = error.graphQLErrors[0]
  const code = first?.extensions['code']
  return { code: typeof code === 'string' ? code : 'FAILED', message: first?.message ?? error.message, path: [] }
}

/** Paths are given with or without the leading `input`. */
const fieldPath = (path: readonly string[]) => (path[0] === 'input' ? path.slice(1) : path)

export type FieldErrors = {
  readonly at: (field: string) => string | undefined
  /** What belongs to none of the fields that are shown. */
  readonly rest: string | undefined
}

/** `fields` are dotted paths of what the form shows; a refusal deeper inside one belongs to it. */
export function fieldErrors(refused: readonly Refusal[], fields: readonly string[]): FieldErrors {
  const placed = refused.map((refusal) => ({ field: fieldOf(refusal, fields), text: inWords(refusal) }))
  const of = (wanted: string | undefined) => placed.filter(({ field }) => field === wanted).map(({ text }) => text)
  const joined = (texts: readonly string[]) => (texts.length === 0 ? undefined : texts.join(' '))
  return { at: (wanted) => joined(of(wanted)), rest: joined(of(undefined)) }
}

function fieldOf(refusal: Refusal, fields: readonly string[]): string | undefined {
  const path = fieldPath(refusal.path).join('.')
  return fields.filter((one) => path === one || path.startsWith(`${one}.`)).sort((a, b) => b.length - a.length)[0]
}

const ownWords: Readonly<Record<string, string>> = { url: 'URL', ca: 'Authorities', caCertificates: 'Authorities' }

/** "accessKey must be ..." as its label has it: "Access key must be ...". */
function inWords({ message, path }: Refusal): string {
  const field = path.at(-1)
  if (field === undefined || !message.startsWith(`${field} must `)) return message
  const words = ownWords[field] ?? field.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}${message.slice(field.length)}`
}
