'use client'
import { useRouter, useSearchParams } from 'next/navigation'
import { useEffect, useState } from 'react'
import { type CombinedError, useQuery } from 'urql'
import { ExplainDecisionDocument } from '../../../graphql/generated/operations.ts'
import { isoTime, localTime, zoneWords } from '../../_lib/decisions.ts'
import { type PastCall as Asked, decisionHref } from '../../_lib/hrefs.ts'
import { sentence } from '../../_lib/sentence.ts'
import { Field } from '../shared/field.tsx'
import { TextField } from '../shared/text-field.tsx'
import { ExplainHeader } from './explain-header.tsx'
import { PastDecision } from './past-decision.tsx'

/** Between the last key and the question to the API. */
const typingPause = 200

/** What was decided of a call that was made before. What is asked is in the address, so that it can be shared. */
export function PastCall() {
  const asked = useAsked()
  const [typed, setTyped] = useState<Typed>({ ...asked, when: localTime(asked.at) })
  const type = (change: Partial<Typed>) => setTyped({ ...typed, ...change })
  useAddress(hrefOf({ ...asked, when: localTime(asked.at) }), hrefOf(typed))
  const isEmpty = asked.decision.trim() === ''
  const [{ data, error, fetching }] = useQuery({
    query: ExplainDecisionDocument,
    variables: { id: asked.decision, bucket: asked.bucket.trim() || null, at: asked.at || null },
    pause: isEmpty,
    requestPolicy: 'cache-and-network',
  })
  const decision = isEmpty || error ? null : data?.explainDecision
  const isNone = error !== undefined && codeOf(error) === 'VALIDATION_FAILED'
  return (
    <section aria-labelledby="h-explain" id="explain">
      <ExplainHeader past bucket={typed.bucket} asking={fetching} />
      <div className="ask past">
        <TextField
          label="Decision"
          value={typed.decision}
          onChange={(decision) => type({ decision })}
          error={isNone && !isEmpty ? sentence(saidOf(error)) : undefined}
          hint={
            <>
              The <code>x-fado-decision</code> of its answer.
            </>
          }
        />
        <TextField
          label="Bucket"
          value={typed.bucket}
          onChange={(bucket) => type({ bucket })}
          hint="Those that are served alike share decisions."
        />
        <Field label="When" hint={`${zoneWords(typed.when)} Empty: the last time that calls went so.`}>
          {(described) => (
            <input
              {...described}
              className="input w-full"
              type="datetime-local"
              step={1}
              value={typed.when}
              onChange={(event) => type({ when: event.target.value })}
            />
          )}
        </Field>
      </div>
      {isEmpty && (
        <p className="text-ink-2">
          Every answer of a bucket&rsquo;s route has a header <code>x-fado-decision</code>. Put it here to see what was
          decided of the call, for 30 days.
        </p>
      )}
      {!isEmpty && error && !isNone && (
        <p className="text-bad" role="alert">
          {sentence(saidOf(error))}
        </p>
      )}
      {decision && <PastDecision decision={decision} at={asked.at || null} />}
    </section>
  )
}

/** `when`: in the reader's own zone. */
type Typed = { readonly decision: string; readonly bucket: string; readonly when: string }

const hrefOf = ({ decision, bucket, when }: Typed) => decisionHref({ decision, bucket, at: isoTime(when) })

const codeOf = (error: CombinedError): unknown => error.graphQLErrors[0]?.extensions['code']
const saidOf = (error: CombinedError): string => error.graphQLErrors[0]?.message ?? 'FaDO does not answer'

function useAsked(): Required<Asked> {
  const query = useSearchParams()
  const given = (name: string) => query.get(name) ?? ''
  const at = given('at')
  return { decision: given('decision'), bucket: given('bucket'), at: localTime(at) === '' ? '' : at }
}

/** The address follows what is typed, after a moment. */
function useAddress(present: string, wanted: string): void {
  const router = useRouter()
  useEffect(() => {
    if (present === wanted) return
    const timer = setTimeout(() => router.replace(wanted, { scroll: false }), typingPause)
    return () => clearTimeout(timer)
  }, [present, wanted, router])
}
