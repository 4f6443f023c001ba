'use client'
// One mutation as a form uses it: run, wait, and what was refused.
import { useCallback, useState } from 'react'
import { type AnyVariables, type TypedDocumentNode, useClient } from 'urql'
import { type FieldErrors, fieldErrors, type Refusal, refusalOf, refusalOfError } from './refusals.ts'

export type Outcome<R> = { readonly ok: true; readonly value: R } | { readonly ok: false; readonly refusal: Refusal }

export type Act<V, R> = {
  readonly run: (variables: V) => Promise<Outcome<R>>
  readonly busy: boolean
  readonly refusal: Refusal | null
  /** The same for `fieldErrors`. */
  readonly refused: readonly Refusal[]
  readonly clear: () => void
}

type Done<R> = Exclude<R, { readonly code: unknown }>

/** Documents name their one root field `result`. */
export function useAct<R extends object, V extends AnyVariables>(
  document: TypedDocumentNode<{ readonly result: R }, V>,
): Act<V, Done<R>> {
  const client = useClient()
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const run = useCallback(
    async (variables: V): Promise<Outcome<Done<R>>> => {
      setBusy(true)
      setRefusal(null)
      const { data, error } = await client.mutation(document, variables).toPromise()
      setBusy(false)
      const refused = error ? refusalOfError(error) : data ? refusalOf(data.result) : nothing
      if (refused) {
        setRefusal(refused)
        return { ok: false, refusal: refused }
      }
      return { ok: true, value: data?.result as Done<R> }
    },
    [client, document],
  )
  return {
    run,
    busy,
    refusal,
    refused: refusal === null ? [] : [refusal],
    clear: useCallback(() => setRefusal(null), []),
  }
}

type CheckedAct<V, R> = {
  /** `faults`: what is wrong with what was typed; with any FaDO is not asked. undefined: it was not done. */
  readonly run: (faults: readonly Refusal[], variables: V) => Promise<R | undefined>
  readonly busy: boolean
  readonly errors: FieldErrors
  /** What was typed is another thing now. */
  readonly clear: () => void
}

/** The same for a form that looks at what was typed first. `fields`: those that it shows. */
export function useCheckedAct<R extends object, V extends AnyVariables>(
  document: TypedDocumentNode<{ readonly result: R }, V>,
  fields: readonly string[],
): CheckedAct<V, Done<R>> {
  const act = useAct(document)
  const [faults, setFaults] = useState<readonly Refusal[]>([])
  return {
    async run(found, variables) {
      setFaults(found)
      if (found.length > 0) return undefined
      const outcome = await act.run(variables)
      return outcome.ok ? outcome.value : undefined
    },
    busy: act.busy,
    errors: fieldErrors(faults.length > 0 ? faults : act.refused, fields),
    clear() {
      setFaults([])
      act.clear()
    },
  }
}

const nothing: Refusal = { code: 'FAILED', message: 'FaDO gave no answer.', path: [] }
