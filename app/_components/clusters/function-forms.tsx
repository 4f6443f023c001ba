'use client'
import { useState } from 'react'
import {
  AddFunctionsDocument,
  ChangeFunctionsDocument,
  type ClusterPartsFragment,
  type FunctionsPartsFragment,
  RemoveFunctionsDocument,
} from '../../../graphql/generated/operations.ts'
import { asRefusals } from '../../_lib/check-fields.ts'
import { checkFunctions } from '../../_lib/check-functions.ts'
import {
  emptyFunctions,
  functionsChanges,
  functionsDraftOf,
  functionsFields,
  functionsInput,
} from '../../_lib/functions-draft.ts'
import { name, say } from '../../_lib/parts.ts'
import { useAct, useCheckedAct } from '../../_lib/use-act.ts'
import { FormOverlay } from '../shared/form-overlay.tsx'
import { useToast } from '../shared/toasts.tsx'
import { FunctionsFields } from './functions-fields.tsx'

type AddProps = { readonly cluster: ClusterPartsFragment; readonly onClose: () => void }

export function AddFunctions({ cluster, onClose }: AddProps) {
  const [draft, setDraft] = useState(emptyFunctions)
  const { run, busy, errors, clear } = useCheckedAct(AddFunctionsDocument, functionsFields)
  const submit = async () => {
    const faults = asRefusals(checkFunctions(draft, { taken: othersOf(cluster) }))
    const input = { ...functionsInput(cluster.name, draft), expectedVersion: cluster.version }
    if ((await run(faults, { input })) !== undefined) onClose()
  }
  return (
    <FormOverlay
      title={
        <>
          Add functions to <code>{cluster.name}</code>
        </>
      }
      act="Add the functions"
      busy={busy}
      refused={errors.rest}
      onSubmit={submit}
      onEdit={clear}
      onClose={onClose}
    >
      <FunctionsFields
        draft={draft}
        onChange={(part) => {
          setDraft({ ...draft, ...part })
          clear()
        }}
        errors={errors}
        done={false}
      />
    </FormOverlay>
  )
}

const othersOf = ({ faasDeployments }: ClusterPartsFragment, own?: string) =>
  faasDeployments.map(({ url }) => url).filter((url) => url !== own)

type Props = AddProps & { readonly deployment: FunctionsPartsFragment }

/** The platform's kind stays: another one is added and this one removed. */
export function EditFunctions({ cluster, deployment, onClose }: Props) {
  const [draft, setDraft] = useState(() => functionsDraftOf(deployment))
  const { run, busy, errors, clear } = useCheckedAct(ChangeFunctionsDocument, functionsFields)
  const toast = useToast()
  const changes = functionsChanges(deployment, draft)
  const submit = async () => {
    const faults = asRefusals(checkFunctions(draft, { taken: othersOf(cluster, deployment.url), before: deployment }))
    const done = await run(faults, { input: { id: deployment.id, ...changes, expectedVersion: cluster.version } })
    if (done === undefined) return
    toast({ parts: say`${name(done.faasDeployment.url)} is called by the new values.` })
    onClose()
  }
  return (
    <FormOverlay
      title={
        <>
          Edit functions of <code>{cluster.name}</code>
        </>
      }
      act="Use the new values"
      busy={busy}
      ready={Object.keys(changes).length > 0}
      refused={errors.rest}
      onSubmit={submit}
      onEdit={clear}
      onClose={onClose}
    >
      <p className="text-ink-2">
        Calls are spread in proportion to the weights. Routes stay as they are; calls under way end where they are.
      </p>
      <FunctionsFields
        draft={draft}
        onChange={(part) => {
          setDraft({ ...draft, ...part })
          clear()
        }}
        errors={errors}
        done={false}
        before={deployment}
      />
    </FormOverlay>
  )
}

export function RemoveFunctions({ cluster, deployment, onClose }: Props) {
  const remove = useAct(RemoveFunctionsDocument)
  const submit = async () => {
    const done = await remove.run({ input: { id: deployment.id, expectedVersion: cluster.version } })
    if (done.ok) onClose()
  }
  return (
    <FormOverlay
      title="Remove functions"
      act="Remove them"
      danger
      busy={remove.busy}
      refused={remove.refusal?.message}
      onSubmit={submit}
      onClose={onClose}
    >
      <p>
        Calls stop going to <code>{deployment.url}</code>. Buckets that only this cluster serves get 503 when it was its
        last platform.
      </p>
    </FormOverlay>
  )
}
