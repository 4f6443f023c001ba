'use client'
import { ForgetProxyDocument, type ProxyPartsFragment } from '../../../graphql/generated/operations.ts'
import { name, say } from '../../_lib/parts.ts'
import { useAct } from '../../_lib/use-act.ts'
import { FormOverlay } from '../shared/form-overlay.tsx'
import { useToast } from '../shared/toasts.tsx'

type Props = { readonly proxy: ProxyPartsFragment; readonly onClose: () => void }

/** What waits for an Envoy that will not come back goes on. */
export function ForgetProxy({ proxy, onClose }: Props) {
  const forget = useAct(ForgetProxyDocument)
  const toast = useToast()
  const submit = async () => {
    const done = await forget.run({ input: { id: proxy.id } })
    if (!done.ok) return
    toast({ parts: say`Forgot ${name(proxy.nodeId)}.` })
    onClose()
  }
  return (
    <FormOverlay
      title={
        <>
          Forget <code>{proxy.nodeId}</code>
        </>
      }
      act="Forget it"
      danger
      busy={forget.busy}
      refused={forget.refusal?.message}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className="text-ink-2">
        Routes and deletions wait for it no longer. Should it run all the same, without a connection to FaDO, its calls
        may go where the data is gone. If it comes back it is a proxy like any other.
      </p>
    </FormOverlay>
  )
}
