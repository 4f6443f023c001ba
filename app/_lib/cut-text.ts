// Texts in little room.

/** The text in so many letters; null where `least` do not fit. */
export function cut(text: string, letters: number, least: number): string | null {
  if (text.length <= letters) return text
  return letters < least ? null : `${text.slice(0, letters - 1)}\u2026`
}

/** The same with the middle left out: names that are alike differ at their ends. */
export function cutMiddle(text: string, letters: number, least: number): string | null {
  if (text.length <= letters) return text
  if (letters < least) return null
  const back = Math.floor((letters - 1) / 2)
  return `${text.slice(0, letters - 1 - back)}\u2026${text.slice(text.length - back)}`
}
