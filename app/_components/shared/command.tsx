import { CopyButton } from './copy-button.tsx'

/** A line for the terminal. */
export function Command({ text }: { readonly text: string }) {
  return (
    <div className="cmd">
      <code>{text}</code>
      <CopyButton text={text} what="command" />
    </div>
  )
}
