'use client'
import { type FormEvent, useId, useState } from 'react'
import {
  type ClusterPartsFragment,
  type PolicyPartsFragment,
  type PolicyScopeInput,
  SetPolicyDocument,
  UnsetPolicyDocument,
} from '../../../graphql/generated/operations.ts'
import { storesOf, zonesOf } from '../../_lib/fleet-parts.ts'
import { countsReplicas, type PolicyDefinition, policyText, roomWords } from '../../_lib/policy-values.ts'
import { useAct } from '../../_lib/use-act.ts'
import { useCallers } from '../shared/use-callers.ts'
import { type Draft, PolicyEditor } from './policy-editor.tsx'

type Props = {
  readonly policy: PolicyPartsFragment
  readonly definition: PolicyDefinition
  readonly scope: PolicyScopeInput
  readonly expectedVersion?: number
  /** Whether the value in force was set in this scope, so that it can be unset. */
  readonly isSet: boolean
  readonly unsetWords: string
  readonly fleet: readonly ClusterPartsFragment[]
  readonly onDone: () => void
}

const namesCallers = ({ values }: PolicyDefinition) => values.__typename === 'PolicyNames' && values.of === 'CALLER'

/** A long list is read in the field. */
const setWords = (value: string) => (value.length > 24 ? 'Set' : `Set to ${value}`)

/** Edits one policy in its row: set another value, or unset it. */
export function PolicyForm({ policy, definition, scope, expectedVersion, isSet, unsetWords, fleet, onDone }: Props) {
  const [draft, setDraft] = useState<Draft>({ ok: true, value: policy.value })
  const set = useAct(SetPolicyDocument)
  const unset = useAct(UnsetPolicyDocument)
  const { callers = [] } = useCallers(namesCallers(definition))
  const id = useId()
  const refusal = set.refusal ?? unset.refusal
  const busy = set.busy || unset.busy
  const target = { scope, name: policy.name, ...(expectedVersion === undefined ? {} : { expectedVersion }) }

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!draft.ok) return
    unset.clear()
    const done = await set.run({ input: { ...target, value: draft.value ?? definition.word?.word } })
    if (done.ok) onDone()
  }
  const drop = async () => {
    set.clear()
    const done = await unset.run({ input: target })
    if (done.ok) onDone()
  }
  // The master's cluster is not one of them.
  const others = fleet.filter((cluster) => cluster.storageDeployments.length > 0).length - 1
  const counted = draft.ok && countsReplicas(definition.values) ? Number(draft.value) : 0
  const room = roomWords(counted, Math.max(0, others))
  const described = {
    id,
    'aria-label': `New value of ${policy.name}`,
    ...(refusal ? { 'aria-describedby': `${id}-error`, 'aria-invalid': true as const } : {}),
  }
  return (
    <form onSubmit={submit} noValidate className="grid gap-1" onKeyDown={(event) => event.key === 'Escape' && onDone()}>
      <span className="flex flex-wrap items-center gap-2">
        <PolicyEditor
          definition={definition}
          value={draft.ok ? draft.value : policy.value}
          onChange={setDraft}
          zones={zonesOf(fleet)}
          stores={storesOf(fleet)}
          callers={callers.map((caller) => caller.name)}
          described={described}
        />
        <button type="submit" className="btn primary" disabled={busy || !draft.ok}>
          {draft.ok ? setWords(policyText(definition, draft.value)) : 'Set'}
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
      {room !== null && (
        <span className="text-sm text-warn" role="status">
          {room}
        </span>
      )}
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
