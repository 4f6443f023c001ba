// Names of HTTP that users give and that become part of Envoy's format strings and matches: one rule for who takes them in and
// who hands them on.

/** Longest name of a header, in characters. */
export const longestHeader = 64
const longestOrigin = 300

/** Held to what header names are in practice: letters, digits, dashes and underscores. */
export const isHeaderName = (text: string): boolean => text.length <= longestHeader && /^[A-Za-z0-9_-]+$/.test(text)

/** The dashes and underscores of a header's name, which function servers may take for one another. */
export const marksOf = (name: string): readonly { readonly mark: string; readonly at: number }[] =>
  Array.from(name.matchAll(/[-_]/g), ({ 0: mark, index: at }) => ({ mark, at }))

/** With more, Envoy would refuse the expression by which it finds other spellings of the longest name (64 characters). */
export const mostMarks = 15

/**
 * What browsers call the origin of this address, where that is something else than what was given: they name no path, user or
 * query, and no port that the scheme has anyway. E.g. `https://app.example` of `HTTPS://App.Example:443/path`.
 */
export function originMeant(text: string): string | undefined {
  const url = URL.parse(text)
  const meant = url === null || !/^https?:$/.test(url.protocol) ? undefined : `${url.protocol}//${url.host}`
  return meant !== undefined && isOrigin(meant) ? meant : undefined
}

/** Scheme, host and port, no path, e.g. `https://app.example`; `*` is all. */
export function isOrigin(text: string): boolean {
  if (text.length > longestOrigin) return false
  if (text === '*') return true
  const url = URL.parse(text)
  return (
    url !== null && url.host !== '' && !url.host.includes('*') && text.toLowerCase() === `${url.protocol}//${url.host}`
  )
}
