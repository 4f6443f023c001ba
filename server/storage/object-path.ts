/** RFC 3986: everything but unreserved characters is percent-encoded, as signatures demand. Throws URIError on a lone surrogate. */
export function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

const PLAIN = /^[A-Za-z0-9_.~\-/]+$/

/** Path-style address of the store, a bucket or an object, encoded. */
export function objectPath(bucket: string | null, key: string | null): string {
  if (bucket === null) return '/'
  const name = encodeRfc3986(bucket)
  if (key === null) return `/${name}`
  return `/${name}/${PLAIN.test(key) ? key : key.split('/').map(encodeRfc3986).join('/')}`
}

export function queryString(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .map(([name, value]) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`)
    .sort()
    .join('&')
}
