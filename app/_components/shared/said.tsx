import type { Parts } from '../../_lib/parts.ts'

/** Draws a sentence: names in mono, what is stressed in bold. */
export function Said({ parts }: { readonly parts: Parts }) {
  return parts.map((part, index) => {
    // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity but their place in the sentence
    if (typeof part === 'string') return <span key={index}>{part}</span>
    // biome-ignore lint/suspicious/noArrayIndexKey: as above
    return 'name' in part ? <code key={index}>{part.name}</code> : <b key={index}>{part.stress}</b>
  })
}
