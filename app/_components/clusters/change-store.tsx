'use client'
import { useState } from 'react'
import { ChangeStoreDocument, type StorePartsFragment } from '../../../graphql/generated/operations.ts'
import { stepFields } from '../../_lib/cluster-draft.ts'
import { name, say, sentences } from '../../_lib/parts.ts'
import { fieldErrors } from '../../_lib/refusals.ts'
import { changesOf, draftOf } from '../../_lib/store-change.ts'
import { noEventsWords } from '../../_lib/sweeps.ts'
import { useAct } from '../../_lib/use-act.ts'
import { FormOverlay } from '../shared/form-overlay.tsx'
import { TextField } from '../shared/text-field.tsx'
import { useToast } from '../shared/toasts.tsx'
import { StoreAccessFields } from './store-access-fields.tsx'
import { StoreEventFields } from './store-event-fields.tsx'

type Props = { readonly store: StorePartsFragment; readonly onClose: () => void }

/** Rotates credentials, moves the endpoint, or looks again at what the store can do. The new values are probed first; nothing changes when that fails. */
export function ChangeStore({ store, onClose }: Props) {
  const [draft, setDraft] = useState(() => draftOf(store))
  const change = useAct(ChangeStoreDocument)
  const toast = useToast()
  const errors = fieldErrors(change.refused, stepFields.store)
  const changes = changesOf(store, draft)
  const same = Object.keys(changes).length === 0
  const edit = (part: Partial<typeof draft>) => setDraft({ ...draft, ...part })
  const submit = async () => {
    const done = await change.run({ input: { name: store.name, expectedVersion: store.version, ...changes } })
    if (!done.ok) return
    const { storageDeployment: now } = done.value
    const said = same ? say`${name(store.name)} was probed.` : say`${name(store.name)} uses the new values.`
    toast({ parts: sentences([said, ...noEventsWords(now)]) })
    onClose()
  }
  const keys = [
    ['Access key', 'accessKey', false],
    ['Secret key', 'secretKey', true],
    ['Session token', 'sessionToken', true],
  ] as const
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
      {keys.map(([label, field, secret]) => (
        <TextField
          key={field}
          label={label}
          secret={secret}
          value={draft[field]}
          onChange={(text) => edit({ [field]: text })}
          error={errors.at(field)}
          hint={field === 'sessionToken' ? 'Empty: as it is, or none with new keys.' : 'Empty: as it is.'}
        />
      ))}
      <TextField
        label="Endpoint"
        value={draft.endpoint}
        onChange={(endpoint) => edit({ endpoint })}
        error={errors.at('endpoint')}
      />
      <TextField
        label="Region"
        value={draft.region}
        onChange={(region) => edit({ region })}
        error={errors.at('region')}
        hint="If the store has regions."
      />
      <StoreAccessFields access={draft} onChange={edit} errors={errors} />
      <StoreEventFields draft={draft} onChange={edit} errors={errors} />
    </FormOverlay>
  )
}
