// A sentence is data: text, names (set in mono) and what is stressed. Components draw it, tests read it as plain text.

export type Part = string | { readonly name: string } | { readonly stress: string }
export type Parts = readonly Part[]

export const name = (text: string): Part => ({ name: text })
export const stress = (text: string): Part => ({ stress: text })

/** say`Master on ${name('hpc')}.` */
export function say(texts: TemplateStringsArray, ...values: readonly (Part | Parts)[]): Parts {
  return texts.flatMap((text, index) => {
    const value = values[index]
    const rest: Parts = value === undefined ? [] : isParts(value) ? value : [value]
    return text === '' ? rest : [text, ...rest]
  })
}

const isParts = (value: Part | Parts): value is Parts => Array.isArray(value)

/** Names as "a, b and c". */
export const names = (items: readonly string[]): Parts =>
  items.flatMap((item, index) => {
    const before = index === 0 ? [] : index === items.length - 1 ? [' and '] : [', ']
    return [...before, name(item)]
  })

/** Sentences one after the other. */
export const sentences = (all: readonly Parts[]): Parts =>
  all.flatMap((one, index) => (index === 0 ? one : [' ', ...one]))

export const plain = (parts: Parts): string =>
  parts.map((part) => (typeof part === 'string' ? part : 'name' in part ? part.name : part.stress)).join('')
