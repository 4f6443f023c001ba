'use client'
import { RevokeTokenDocument, type TokenPartsFragment } from '../../../graphql/generated/operations.ts'
import { name, say } from '../../_lib/parts.ts'
import { useAct } from '../../_lib/use-act.ts'
import { FormOverlay } from '../shared/form-overlay.tsx'
import { useToast } from '../shared/toasts.tsx'

type Props = { readonly token: TokenPartsFragment; readonly onClose: () => void }

export function RevokeToken({ token, onClose }: Props) {
  const revoke = useAct(RevokeTokenDocument)
  const toast = useToast()
  const submit = async () => {
    const done = await revoke.run({ input: { id: token.id } })
    if (!done.ok) return
    toast({ parts: say`Revoked ${name(token.name)}.` })
    onClose()
  }
  return (
    <FormOverlay
      title={
        <>
          Revoke <code>{token.name}</code>
        </>
      }
      act="Revoke it"
      danger
      busy={revoke.busy}
      refused={revoke.refusal?.message}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className="text-ink-2">
        Whoever uses it is refused from now on, and signed out where it was used to sign in. That cannot be undone.
      </p>
    </FormOverlay>
  )
}
