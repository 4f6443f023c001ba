import { hash } from 'node:crypto'
import { canonicalJson } from './domain/canonical-json.ts'

/** A name made of content: 16 characters of base64url (96 bits of SHA-256), the same in every process. */
export function contentId(value: unknown): string {
  return hash('sha256', canonicalJson(value) ?? 'undefined', 'base64url').slice(0, 16)
}
