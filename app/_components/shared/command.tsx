import { CopyButton } from './copy-button.tsx'

/** Variables, which read badly in two pieces, and what is between them. */
const pieces = /\$[A-Z_]+"?|[^$]+|\$/g

/** A line for the terminal. */
export function Command({ text }: { readonly text: string }) {
  return (
    <div className="cmd">
      <code>
        {[...text.matchAll(pieces)].map(({ 0: piece, index: at }) => (
          <span key={at} className={piece.startsWith('$') ? 'whitespace-nowrap' : ''}>
            {piece}
          </span>
        ))}
      </code>
      <CopyButton text={text} what="command" />
    </div>
  )
}
