/** With all names that stand in the text, between commas or spaces, each once. */
export const withNames = (names: readonly string[], text: string): readonly string[] =>
  [...new Set([...names, ...text.split(/[\s,]+/)])].filter((name) => name !== '')
