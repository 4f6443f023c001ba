// Names of HTTP that users give and that become part of Envoy's format strings and matches: one rule for who takes them in and
// who hands them on.

/** Longest name of a header, in characters. */
export const longestHeader = 64
const longestOrigin = 300

/** Held to what header names are in practice: letters, digits, dashes and underscores. */
export const isHeaderName = (text: string): boolean => text.length <= longestHeader && /^[A-Za-z0-9_-]+$/.test(text)

/** Scheme, host and port, no path, e.g. `https://app.example`; `*` is all. */
export function isOrigin(text: string): boolean {
  if (text.length > longestOrigin) return false
  if (text === '*') return true
  const url = URL.parse(text)
  return (
    url !== null && url.host !== '' && !url.host.includes('*') && text.toLowerCase() === `${url.protocol}//${url.host}`
  )
}
