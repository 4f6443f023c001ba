// RFC 9110, 14: a part of an object that somebody asks for.

/** Both ends included. */
export type ByteRange = { readonly start: number; readonly end: number }

/** Null: the whole object, also for what is no single range of bytes, which may be passed over. */
export function parseRange(header: string | undefined, size: number): ByteRange | null | 'unsatisfiable' {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? []
  if (from === '' && to === '') return null
  if (from === '')
    return Number(to) === 0 || size === 0 ? 'unsatisfiable' : { start: Math.max(0, size - Number(to)), end: size - 1 }
  if (Number(from) >= size) return 'unsatisfiable'
  if (to !== '' && Number(to) < Number(from)) return null
  return { start: Number(from), end: to === '' ? size - 1 : Math.min(Number(to), size - 1) }
}
