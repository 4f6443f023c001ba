'use client'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import {
  AddClusterDocument,
  AddFunctionsDocument,
  AddStoreDocument,
  type ClusterPartsFragment,
} from '../../../graphql/generated/operations.ts'
import { checkDraft } from '../../_lib/check-draft.ts'
import {
  actionWords,
  type ClusterDraft,
  clusterInput,
  emptyDraft,
  type Step,
  type StepRefusal,
  standing,
  stepFields,
  stepsOf,
  storeInput,
} from '../../_lib/cluster-draft.ts'
import { functionsInput } from '../../_lib/functions-draft.ts'
import { clusterHref } from '../../_lib/hrefs.ts'
import { name, type Parts, say, sentences } from '../../_lib/parts.ts'
import { fieldErrors } from '../../_lib/refusals.ts'
import { noEventsWords } from '../../_lib/sweeps.ts'
import { type Outcome, useAct } from '../../_lib/use-act.ts'
import { useCreationKey } from '../../_lib/use-creation-key.ts'
import { FormOverlay } from '../shared/form-overlay.tsx'
import { Glyph } from '../shared/glyph.tsx'
import { useToast } from '../shared/toasts.tsx'
import { ClusterFields } from './cluster-fields.tsx'
import { FunctionsFields } from './functions-fields.tsx'
import { StoreFields } from './store-fields.tsx'

type Props = { readonly known: readonly ClusterPartsFragment[]; readonly onClose: () => void }

/**
 * A cluster with its store and functions in one form. The store comes before the functions: it is the step that may fail
 * for reasons that no check here can see, and then only the empty cluster is left behind.
 */
export function AddCluster({ known, onClose }: Props) {
  const [draft, setDraft] = useState<ClusterDraft>(emptyDraft)
  const [done, setDone] = useState<readonly Step[]>([])
  const [refused, setRefused] = useState<readonly StepRefusal[]>([])
  const acts = useSteps(draft)
  const toast = useToast()
  const router = useRouter()
  const steps = stepsOf(draft)
  const change = (part: Partial<ClusterDraft>) => setDraft((before) => ({ ...before, ...part }))
  const errorsOf = (step: Step) => {
    const own = refused.filter((one) => one.step === step).map((one) => one.refusal)
    return fieldErrors(own, stepFields[step])
  }

  const submit = async () => {
    const left = steps.filter((one) => !done.includes(one))
    const problems = checkDraft(draft, left, known)
    setRefused(problems)
    if (problems.length > 0) return
    const words: Parts[] = [say`Added ${name(draft.name.trim())}.`]
    for (const step of left) {
      const outcome = await acts.run(step)
      if (!outcome.ok) return setRefused([{ step, refusal: outcome.refusal }])
      words.push(...outcome.value)
      setDone((before) => [...before, step])
    }
    toast({ parts: sentences(words) })
    router.push(clusterHref(draft.name.trim()))
  }
  const first = refused[0]
  const stands = first && standing(draft.name.trim(), done, first.step)
  const rest = (['cluster', 'store', 'functions'] as const).flatMap((step) => errorsOf(step).rest ?? [])
  return (
    <FormOverlay
      title="Add a cluster"
      kind="drawer"
      act={acts.busy ? 'Adding' : actionWords(steps, done)}
      busy={acts.busy}
      refused={rest[0]}
      leave={done.length > 0 ? 'Leave it so' : 'Cancel'}
      onSubmit={submit}
      onClose={onClose}
    >
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
        draft={draft.functions}
        onChange={(part) => change({ functions: { ...draft.functions, ...part } })}
        errors={errorsOf('functions')}
        done={done.includes('functions')}
        note="empty: added later"
      />
    </FormOverlay>
  )
}

function useSteps(draft: ClusterDraft) {
  const cluster = useAct(AddClusterDocument)
  const store = useAct(AddStoreDocument)
  const functions = useAct(AddFunctionsDocument)
  const keyOf = useCreationKey()
  /** Resolves to what there is to say of what was made. */
  const run = (step: Step): Promise<Outcome<readonly Parts[]>> => {
    switch (step) {
      case 'cluster': {
        const input = clusterInput(draft)
        return saying(cluster.run({ input: { ...input, idempotencyKey: keyOf(input) } }), () => [])
      }
      case 'store':
        return saying(store.run({ input: storeInput(draft) }), (made) => noEventsWords(made.storageDeployment))
      case 'functions':
        return saying(functions.run({ input: functionsInput(draft.name, draft.functions) }), () => [])
    }
  }
  return { run, busy: cluster.busy || store.busy || functions.busy }
}

async function saying<R>(
  outcome: Promise<Outcome<R>>,
  words: (made: R) => readonly Parts[],
): Promise<Outcome<readonly Parts[]>> {
  const done = await outcome
  return done.ok ? { ok: true, value: words(done.value) } : done
}
