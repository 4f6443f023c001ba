// How a header's value looks in what is signed. Stores squeeze runs of spaces before they check a signature, and disagree
// on what a space is: AWS and versitygw know the blank, MinIO every white space of Unicode (Go's strings.Fields). A value
// such as `9.41<U+202F>AM`, as macOS names its screenshots, is signed as the store at hand reads it, or it is refused.

export type Spaces = 'unicode' | 'blanks'

/** Octets as latin1: the UTF-8 of U+0085, U+00A0, U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F and U+3000. */
const beyondBlanks = /[\t\v\f]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80/g

/** A value in which every store that does not squeeze alike sees other spaces. */
export const oddValue = 'a\xc2\xa0b'

/** Whether stores may read this value in different ways. */
export function hasOddSpaces(value: string): boolean {
  return value.search(beyondBlanks) >= 0
}

/** Printable, without a blank: as most values are. */
const plain = /^[!-~]*$/

export function squeeze(value: string, spaces: Spaces): string {
  if (plain.test(value)) return value
  const blanks = spaces === 'unicode' ? value.replace(beyondBlanks, ' ') : value
  return blanks.replace(/ {2,}/g, ' ').replace(/^ | $/g, '')
}
