'use client'
// One mutation as a form uses it: run, wait, and what was refused.
import { useCallback, useState } from 'react'
import { type AnyVariables, type TypedDocumentNode, useClient } from 'urql'
import { type Refusal, refusalOf, refusalOfError } from './refusals.ts'

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

const nothing: Refusal = { code: 'FAILED', message: 'FaDO gave no answer.', path: [] }
