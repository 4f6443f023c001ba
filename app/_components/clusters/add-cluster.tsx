'use client'
import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import {
  AddClusterDocument,
  AddFunctionsDocument,
  AddStoreDocument,
  type ClusterPartsFragment,
} from '../../../graphql/generated/operations.ts'
import { clusterHref } from '../../_lib/attention.ts'
import {
  actionWords,
  type ClusterDraft,
  clusterInput,
  emptyDraft,
  functionsInput,
  type Step,
  type StepRefusal,
  standing,
  stepFields,
  stepsOf,
  storeInput,
} from '../../_lib/cluster-draft.ts'
import { name, say } from '../../_lib/parts.ts'
import { fieldErrors } from '../../_lib/refusals.ts'
import { useAct } from '../../_lib/use-act.ts'
import { useCreationKey } from '../../_lib/use-creation-key.ts'
import { Glyph } from '../shared/glyph.tsx'
import { Overlay } from '../shared/overlay.tsx'
import { RefusalNote } from '../shared/refusal-note.tsx'
import { useToast } from '../shared/toasts.tsx'
import { ClusterFields } from './cluster-fields.tsx'
import { FunctionsFields } from './functions-fields.tsx'
import { StoreFields } from './store-fields.tsx'

type Props = { readonly known: readonly ClusterPartsFragment[]; readonly onClose: () => void }

/** A cluster with its store and functions in one form. */
export function AddCluster({ known, onClose }: Props) {
  const [draft, setDraft] = useState<ClusterDraft>(emptyDraft)
  const [done, setDone] = useState<readonly Step[]>([])
  const [refused, setRefused] = useState<StepRefusal>()
  const acts = useSteps(draft)
  const toast = useToast()
  const router = useRouter()
  const steps = stepsOf(draft)
  const change = (part: Partial<ClusterDraft>) => setDraft((before) => ({ ...before, ...part }))
  const errorsOf = (step: Step) => fieldErrors(refused?.step === step ? refused.refusal : null, stepFields[step])

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setRefused(undefined)
    for (const step of steps.filter((one) => !done.includes(one))) {
      const outcome = await acts.run(step)
      if (!outcome.ok) return setRefused({ step, refusal: outcome.refusal })
      setDone((before) => [...before, step])
    }
    toast({ parts: say`Added ${name(draft.name.trim())}.` })
    router.push(clusterHref(draft.name.trim()))
  }
  const stands = refused && standing(draft.name.trim(), done, refused.step)
  return (
    <Overlay title="Add a cluster" kind="drawer" onClose={onClose}>
      <form onSubmit={submit} noValidate>
        {stands && (
          <p className="note" role="status">
            <Glyph name="warn" tone="warn" />
            <span>{stands}</span>
          </p>
        )}
        <ClusterFields
          draft={draft}
          onChange={change}
          errors={errorsOf('cluster')}
          known={known}
          done={done.includes('cluster')}
        />
        <StoreFields draft={draft} onChange={change} errors={errorsOf('store')} done={done.includes('store')} />
        <FunctionsFields
          draft={draft}
          onChange={change}
          errors={errorsOf('functions')}
          done={done.includes('functions')}
        />
        <RefusalNote text={refused && errorsOf(refused.step).rest} />
        <div className="foot">
          <button type="button" className="btn" onClick={onClose}>
            {done.length > 0 ? 'Leave it so' : 'Cancel'}
          </button>
          <button type="submit" className="btn primary" disabled={acts.busy}>
            {acts.busy ? 'Adding' : actionWords(steps, done)}
          </button>
        </div>
      </form>
    </Overlay>
  )
}

function useSteps(draft: ClusterDraft) {
  const cluster = useAct(AddClusterDocument)
  const store = useAct(AddStoreDocument)
  const functions = useAct(AddFunctionsDocument)
  const keyOf = useCreationKey()
  const run = (step: Step) => {
    switch (step) {
      case 'cluster': {
        const input = clusterInput(draft)
        return cluster.run({ input: { ...input, idempotencyKey: keyOf(input) } })
      }
      case 'store':
        return store.run({ input: storeInput(draft) })
      case 'functions':
        return functions.run({ input: functionsInput(draft) })
    }
  }
  return { run, busy: cluster.busy || store.busy || functions.busy }
}
