// Causes as the server tells them, fitted into sentences.
import { clock } from './format.ts'

const time = /\b\d{4}-\d\d-\d\dT[\d:.]+Z/g

/** Times as clocks show them. */
export const withClocks = (message: string): string => message.trim().replace(time, (found) => clock(found))

/** As the rest of a sentence that is under way: a small letter, no full stop. */
export function afterColon(message: string): string {
  const text = withClocks(message).replace(/\.$/, '')
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`
}
