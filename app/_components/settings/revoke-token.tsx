'use client'
import type { FormEvent } from 'react'
import { RevokeTokenDocument, type TokenPartsFragment } from '../../../graphql/generated/operations.ts'
import { name, say } from '../../_lib/parts.ts'
import { useAct } from '../../_lib/use-act.ts'
import { Overlay } from '../shared/overlay.tsx'
import { RefusalNote } from '../shared/refusal-note.tsx'
import { useToast } from '../shared/toasts.tsx'

type Props = { readonly token: TokenPartsFragment; readonly onClose: () => void }

export function RevokeToken({ token, onClose }: Props) {
  const revoke = useAct(RevokeTokenDocument)
  const toast = useToast()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const done = await revoke.run({ input: { id: token.id } })
    if (!done.ok) return
    toast({ parts: say`Revoked ${name(token.name)}.` })
    onClose()
  }
  return (
    <Overlay
      title={
        <>
          Revoke <code>{token.name}</code>
        </>
      }
      onClose={onClose}
    >
      <form onSubmit={submit}>
        <p className="text-ink-2">
          Whoever uses it is refused from now on, and signed out where it was used to sign in. That cannot be undone.
        </p>
        <RefusalNote text={revoke.refusal?.message} />
        <div className="foot">
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn danger" disabled={revoke.busy}>
            Revoke it
          </button>
        </div>
      </form>
    </Overlay>
  )
}
