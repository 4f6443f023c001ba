// Causes as the server tells them, fitted into sentences.
import type { ReasonPartsFragment, ReplicaPartsFragment } from '../../graphql/generated/operations.ts'
import { clock } from './format.ts'

/** One cause, with the time since when it is so where that is known: "edge cannot be reached, since 14:03". */
export function causeWords({ message, since }: ReasonPartsFragment): string {
  const text = message.trim().replace(/\.$/, '')
  return since === null ? text : `${text}, since ${clock(since)}`
}

/** All that holds a copy up, as the rest of a sentence; null when nothing is known to. */
export const causeOf = ({ causes }: Pick<ReplicaPartsFragment, 'causes'>): string | null =>
  causes.length === 0 ? null : causes.map(causeWords).join('. ')

/** As the rest of a sentence that is under way: a small letter, no full stop. */
export function afterColon(message: string): string {
  const text = message.trim().replace(/\.$/, '')
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`
}
