// RFC 6266: what a browser is to do with an object's bytes. Never to show them as a page: an object may be anything.

const plain = /^[\w .+,=@()-]+$/

/** `attachment` with the last part of the key as the file's name; ASCII. */
export function attachmentOf(key: string): string {
  const name = key.split('/').findLast((part) => part !== '') ?? 'object'
  const ascii = plain.test(name) ? name : name.replace(/[^\w .+,=@()-]/g, '_')
  const encoded = encodeURIComponent(name.toWellFormed()).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`
}
