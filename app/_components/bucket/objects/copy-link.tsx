'use client'
import { useState } from 'react'
import { TextField } from '../../shared/text-field.tsx'
import { useAddressOf } from './use-download.ts'

type State =
  | { readonly kind: 'none' | 'busy' | 'copied' }
  | { readonly kind: 'shown'; readonly url: string }
  | { readonly kind: 'failed'; readonly message: string }

/** Without a secure context there is no clipboard: then the link is shown, to be copied by hand. */
export function CopyLink({ bucket, objectKey }: { readonly bucket: string; readonly objectKey: string }) {
  const addressOf = useAddressOf(bucket)
  const [state, setState] = useState<State>({ kind: 'none' })
  const copy = async () => {
    setState({ kind: 'busy' })
    try {
      const url = await addressOf(objectKey)
      const copied =
        navigator.clipboard &&
        (await navigator.clipboard.writeText(url).then(
          () => true,
          () => false,
        ))
      setState(copied ? { kind: 'copied' } : { kind: 'shown', url })
    } catch (error) {
      setState({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
    }
  }
  return (
    <>
      <button type="button" className="btn" disabled={state.kind === 'busy'} onClick={copy}>
        Copy a link
      </button>
      <span className="order-last w-full text-ink-2" role="status">
        {state.kind === 'copied' && 'Copied. Whoever has the link gets the object, for 15 minutes.'}
        {state.kind === 'failed' && state.message}
      </span>
      {state.kind === 'shown' && (
        <TextField
          className="order-last w-full"
          label="Link"
          hint="Whoever has it gets the object, for 15 minutes."
          value={state.url}
          onChange={() => undefined}
        />
      )}
    </>
  )
}
