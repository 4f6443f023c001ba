'use client'
import { RevokeTokenDocument, type TokenPartsFragment } from '../../../graphql/generated/operations.ts'
import { name, say } from '../../_lib/parts.ts'
import { Confirm } from '../shared/confirm.tsx'

type Props = { readonly token: TokenPartsFragment; readonly onClose: () => void }

export function RevokeToken({ token, onClose }: Props) {
  return (
    <Confirm
      title="Revoke"
      name={token.name}
      act="Revoke it"
      document={RevokeTokenDocument}
      input={{ id: token.id }}
      done={say`Revoked ${name(token.name)}.`}
      onClose={onClose}
    >
      <p className="text-ink-2">
        Whoever uses it is refused from now on, and signed out where it was used to sign in. That cannot be undone.
      </p>
    </Confirm>
  )
}
