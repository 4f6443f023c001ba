// Keys of objects as people see them: folders, names, and the way through FaDO.

/** "2026/may/" -> the folders above it and itself, each with the prefix that opens it. */
export function trailOf(prefix: string): readonly { readonly name: string; readonly prefix: string }[] {
  const parts = prefix.split('/').slice(0, -1)
  return parts.map((name, index) => ({ name: `${name}/`, prefix: `${parts.slice(0, index + 1).join('/')}/` }))
}

/** What is no sign by itself is written out, so that no two keys look alike. */
export const visible = (text: string): string =>
  text.replace(/\p{Cc}/gu, (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`)

/** Address of an object on the way through FaDO. Dots are encoded, too: else an address resolves them. */
export const objectHref = (bucket: string, key: string): string =>
  `/api/objects/${encodeURIComponent(bucket)}/${key.split('/').map(encodeURIComponent).join('/').replaceAll('.', '%2E')}`

/** The last part of a key, as a file's name. */
export const fileName = (key: string): string => key.split('/').findLast((part) => part !== '') ?? 'object'
