/**
 * Order of two keys by their UTF-8 bytes, as stores list them: negative, 0 or positive. JavaScript's own string order
 * is by UTF-16 units and puts U+E000..U+FFFF after the supplementary planes, whose surrogates are smaller.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return x >= 0xd800 && y >= 0xd800 ? codePointRank(x) - codePointRank(y) : x - y
  }
  return a.length - b.length
}

/** Surrogates after all of the basic plane. */
function codePointRank(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}
