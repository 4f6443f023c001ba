// `/api/objects/BUCKET/KEY`. The key is read from the address as it came: URL would resolve `..` and `//` in it.

export const objectsPath = '/api/objects/'

export type ObjectAddress = { readonly bucket: string; readonly key: string; readonly query: URLSearchParams }

/** Undefined: it is not such an address, or not rightly encoded. */
export function parseObjectAddress(url: string): ObjectAddress | undefined {
  if (!url.startsWith(objectsPath)) return undefined
  const end = url.indexOf('?')
  const path = url.slice(objectsPath.length, end < 0 ? undefined : end)
  const slash = path.indexOf('/')
  if (slash < 1 || slash === path.length - 1) return undefined
  try {
    const [bucket, key] = [decodeURIComponent(path.slice(0, slash)), decodeURIComponent(path.slice(slash + 1))]
    return { bucket, key, query: new URLSearchParams(end < 0 ? '' : url.slice(end + 1)) }
  } catch {
    return undefined
  }
}
