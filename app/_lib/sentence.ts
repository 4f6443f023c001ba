// What the server says, as sentences.
import type { ReasonPartsFragment, ReplicaPartsFragment } from '../../graphql/generated/operations.ts'
import { causeWords } from './causes.ts'

/**
 * A message of the server as a sentence: with a capital letter and a full stop. A name that it begins with stays as it is:
 * `name`, e.g. of the store that it is about, or what stands before a colon.
 */
export function sentence(message: string, name: string | null = null): string {
  const text = message.trim()
  if (text === '') return ''
  const first = text.split(/\s/, 1)[0]
  const begin = first === name || first?.endsWith(':') ? text.slice(0, 1) : text.slice(0, 1).toUpperCase()
  return `${begin}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
}

export const reasonSentence = ({ message, store }: Pick<ReasonPartsFragment, 'message' | 'store'>): string =>
  sentence(message, store)

/** All that holds a copy up; null when nothing is known to. */
export const causeSentences = ({ causes }: Pick<ReplicaPartsFragment, 'causes'>): string | null =>
  causes.length === 0 ? null : causes.map((cause) => sentence(causeWords(cause), cause.store)).join(' ')
