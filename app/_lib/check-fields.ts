// What fields of forms must look like, as the API has it.
import type { Refusal } from './refusals.ts'

export type Problem = readonly [field: string, message: string]
export const when = (is: boolean, field: string, message: string): readonly Problem[] => (is ? [[field, message]] : [])

export const addressWords = 'http://host:port or https://host'

export function urlOf(text: string): URL | null {
  const url = URL.parse(text)
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' ? url : null
}

/** An address, perhaps with a path. */
export function isBase(text: string): boolean {
  const url = urlOf(text)
  return url !== null && url.search === '' && url.hash === ''
}

/** As the API would say it. */
export const asRefusals = (problems: readonly Problem[]): Refusal[] =>
  problems.map(([field, message]) => ({ code: 'VALIDATION_FAILED', message, path: field.split('.') }))
