'use client'
import { useState } from 'react'
import { ChangeStoreDocument, type StorePartsFragment } from '../../../graphql/generated/operations.ts'
import { name, say, sentences } from '../../_lib/parts.ts'
import { fieldErrors } from '../../_lib/refusals.ts'
import { noEventsWords } from '../../_lib/sweeps.ts'
import { useAct } from '../../_lib/use-act.ts'
import { FormOverlay } from '../shared/form-overlay.tsx'
import { TextField } from '../shared/text-field.tsx'
import { useToast } from '../shared/toasts.tsx'

type Props = { readonly store: StorePartsFragment; readonly onClose: () => void }

/** Rotates credentials, moves the endpoint, or looks again at what the store can do. The new values are probed first; nothing changes when that fails. */
export function ChangeStore({ store, onClose }: Props) {
  const [endpoint, setEndpoint] = useState(store.endpoint)
  const [accessKey, setAccessKey] = useState('')
  const [secretKey, setSecretKey] = useState('')
  const change = useAct(ChangeStoreDocument)
  const toast = useToast()
  const errors = fieldErrors(change.refused, ['endpoint', 'accessKey', 'secretKey'])
  const same = endpoint.trim() === store.endpoint && accessKey === '' && secretKey === ''
  const submit = async () => {
    const done = await change.run({
      input: {
        name: store.name,
        expectedVersion: store.version,
        ...(endpoint.trim() === store.endpoint ? {} : { endpoint: endpoint.trim() }),
        ...(accessKey === '' ? {} : { accessKey }),
        ...(secretKey === '' ? {} : { secretKey }),
      },
    })
    if (!done.ok) return
    const { storageDeployment: now } = done.value
    const said = same ? say`${name(store.name)} was probed.` : say`${name(store.name)} uses the new values.`
    toast({ parts: sentences([said, ...noEventsWords(now)]) })
    onClose()
  }
  return (
    <FormOverlay
      title={
        <>
          Credentials of <code>{store.name}</code>
        </>
      }
      act={change.busy ? 'Probing the store' : same ? 'Probe it again' : 'Use the new values'}
      busy={change.busy}
      refused={errors.rest}
      onSubmit={submit}
      onEdit={change.clear}
      onClose={onClose}
    >
      <p className="text-ink-2">
        The store is asked with the new values first. If it refuses them, nothing changes. Copies go on without a pause.
        What it can do is found out anew, also with the values that it has.
      </p>
      <TextField
        label="Access key"
        value={accessKey}
        onChange={setAccessKey}
        error={errors.at('accessKey')}
        hint="Empty: as it is."
      />
      <TextField
        label="Secret key"
        secret
        value={secretKey}
        onChange={setSecretKey}
        error={errors.at('secretKey')}
        hint="Empty: as it is."
      />
      <TextField label="Endpoint" value={endpoint} onChange={setEndpoint} error={errors.at('endpoint')} />
    </FormOverlay>
  )
}
