import { createHash } from 'node:crypto'

/**
 * JSON with sorted keys: equal values have equal text, however they were built. As in JSON, members that are undefined
 * are left out, and what JSON cannot say (functions, symbols) counts as undefined.
 */
function canonicalJson(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}

/** A name made of content: 16 characters of base64url (96 bits of SHA-256), the same in every process. */
export function contentId(value: unknown): string {
  return createHash('sha256')
    .update(canonicalJson(value) ?? 'undefined')
    .digest('base64url')
    .slice(0, 16)
}
