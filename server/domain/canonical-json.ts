/**
 * JSON with sorted keys: equal values have equal text, however they were built. As in JSON, members that are undefined
 * are left out, and what JSON cannot say (functions, symbols) counts as undefined.
 */
export function canonicalJson(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}

/** Whether two values say the same, as far as JSON can tell. */
export const sameContent = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b)
