'use client'
import { ForgetProxyDocument, type ProxyPartsFragment } from '../../../graphql/generated/operations.ts'
import { name, say } from '../../_lib/parts.ts'
import { Confirm } from '../shared/confirm.tsx'

type Props = { readonly proxy: ProxyPartsFragment; readonly onClose: () => void }

/** What waits for an Envoy that will not come back goes on. */
export function ForgetProxy({ proxy, onClose }: Props) {
  return (
    <Confirm
      title="Forget"
      name={proxy.nodeId}
      act="Forget it"
      document={ForgetProxyDocument}
      input={{ id: proxy.id }}
      done={say`Forgot ${name(proxy.nodeId)}.`}
      onClose={onClose}
    >
      <p className="text-ink-2">
        Routes and deletions wait for it no longer. Should it run all the same, without a connection to FaDO, its calls
        may go where the data is gone. If it comes back it is a proxy like any other.
      </p>
    </Confirm>
  )
}
