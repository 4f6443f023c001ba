'use client'
import { useState } from 'react'
import { Glyph } from './glyph.tsx'
import { Icon } from './icon.tsx'

/** Copies `text`. Without a secure context there is no clipboard: then the button is not drawn. */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const [copied, setCopied] = useState(false)
  if (typeof navigator === 'undefined' || navigator.clipboard === undefined) return null
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  return (
    <button
      type="button"
      className="btn quiet square"
      aria-label={copied ? `Copied ${what}` : `Copy ${what}`}
      onClick={copy}
      onBlur={() => setCopied(false)}
    >
      {copied ? <Glyph name="pass" /> : <Icon name="copy" />}
    </button>
  )
}
