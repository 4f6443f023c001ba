'use client'
import { type FormEvent, useId, useState } from 'react'
import {
  type PolicyPartsFragment,
  type PolicyScopeInput,
  SetPolicyDocument,
  UnsetPolicyDocument,
} from '../../../graphql/generated/operations.ts'
import { policyText } from '../../_lib/policy-values.ts'
import { useAct } from '../../_lib/use-act.ts'
import { type Draft, PolicyEditor } from './policy-editor.tsx'

type Props = {
  readonly policy: PolicyPartsFragment
  readonly scope: PolicyScopeInput
  readonly expectedVersion?: number
  /** Whether the value in force was set in this scope, so that it can be unset. */
  readonly isSet: boolean
  readonly unsetWords: string
  readonly zones: readonly string[]
  readonly stores: readonly string[]
  readonly onDone: () => void
}

/** Edits one policy in its row: set another value, or unset it. */
export function PolicyForm({ policy, scope, expectedVersion, isSet, unsetWords, zones, stores, onDone }: Props) {
  const [draft, setDraft] = useState<Draft>({ ok: true, value: policy.value })
  const set = useAct(SetPolicyDocument)
  const unset = useAct(UnsetPolicyDocument)
  const id = useId()
  const refusal = set.refusal ?? unset.refusal
  const busy = set.busy || unset.busy
  const target = { scope, name: policy.name, ...(expectedVersion === undefined ? {} : { expectedVersion }) }

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!draft.ok) return
    unset.clear()
    const done = await set.run({ input: { ...target, value: draft.value } })
    if (done.ok) onDone()
  }
  const drop = async () => {
    set.clear()
    const done = await unset.run({ input: target })
    if (done.ok) onDone()
  }
  const described = {
    id,
    'aria-label': `New value of ${policy.name}`,
    ...(refusal ? { 'aria-describedby': `${id}-error`, 'aria-invalid': true as const } : {}),
  }
  return (
    <form onSubmit={submit} noValidate className="grid gap-1" onKeyDown={(event) => event.key === 'Escape' && onDone()}>
      <span className="flex flex-wrap items-center gap-2">
        <PolicyEditor
          policy={policy.name}
          value={draft.ok ? draft.value : policy.value}
          onChange={setDraft}
          zones={zones}
          stores={stores}
          described={described}
        />
        <button type="submit" className="btn primary" disabled={busy || !draft.ok}>
          {draft.ok ? `Set to ${policyText(policy.name, draft.value)}` : 'Set'}
        </button>
        <button type="button" className="btn quiet" onClick={onDone}>
          Cancel
        </button>
        {isSet && (
          <button type="button" className="link ml-auto text-sm" disabled={busy} onClick={drop}>
            {unsetWords}
          </button>
        )}
      </span>
      {refusal && (
        <span className="error" id={`${id}-error`} role="alert">
          {refusal.code === 'CONFLICT'
            ? `${refusal.message} What you see is up to date now: set it again if you still want it.`
            : refusal.message}
        </span>
      )}
    </form>
  )
}
