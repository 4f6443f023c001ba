'use client'
import { useSearchParams } from 'next/navigation'
import { useState } from 'react'
import type { CallerPartsFragment } from '../../../graphql/generated/operations.ts'
import { sentence } from '../../_lib/sentence.ts'
import { Field } from '../shared/field.tsx'
import { LinesField } from '../shared/lines-field.tsx'
import { TextField } from '../shared/text-field.tsx'
import { useCallers } from '../shared/use-callers.ts'
import { ExplainHeader } from './explain-header.tsx'
import { Explained } from './explained-call.tsx'
import { ThisCall } from './this-call.tsx'
import { useExplained } from './use-explained.ts'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']

/** A call is typed, and seen to be led to its function, or away from it. Nothing is called. */
export function CallExplainer() {
  const query = useSearchParams()
  const [method, setMethod] = useState('GET')
  const [path, setPath] = useState('/function/resize')
  const [bucket, setBucket] = useState(query.get('bucket') ?? '')
  const [others, setOthers] = useState('')
  const [caller, setCaller] = useState('')
  const [typed, setTyped] = useState(query.has('bucket'))
  const { callers } = useCallers()
  const { call, header, ingress, fault, asking, explained, error } = useExplained(
    { method, path, bucket, others, caller },
    typed,
  )
  const wrong = (part: string) => (fault?.part === part ? sentence(fault.message) : undefined)
  return (
    <section aria-labelledby="h-explain" id="explain">
      <ExplainHeader past={false} bucket={bucket} asking={asking} />
      <div className="ask" onInput={() => setTyped(true)}>
        <Field label="Method">
          {(described) => (
            <select
              {...described}
              className="input mono w-full"
              value={method}
              onChange={(event) => setMethod(event.target.value)}
            >
              {methods.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          )}
        </Field>
        <TextField label="Path" value={path} onChange={setPath} error={wrong('path')} />
        <TextField
          label={<code>{header}</code>}
          value={bucket}
          onChange={setBucket}
          error={wrong('bucket')}
          placeholder="bucket"
        />
        {callers && callers.length > 0 && <WhoCalls callers={callers} value={caller} onChange={setCaller} />}
        <div className="others">
          <LinesField
            label="Other headers"
            value={others}
            onChange={setOthers}
            error={wrong('headers') ?? wrong('call')}
            placeholder="content-type: application/grpc"
            hint="One a line. What becomes of a call may depend on content-type (gRPC), Origin, Connection and Upgrade."
          />
        </div>
      </div>
      {!typed && (
        <p className="text-ink-2">
          Name a bucket to see which function deployments its calls go to, and what keeps them from all others.
        </p>
      )}
      {error && (
        <p className="text-bad" role="alert">
          {sentence(error.graphQLErrors[0]?.message ?? 'FaDO does not answer')}
        </p>
      )}
      {explained && <Explained explained={explained} />}
      {explained && ingress && callers && (
        <ThisCall call={call} ingress={ingress} explained={explained} callers={callers} />
      )}
    </section>
  )
}

type WhoProps = {
  readonly callers: readonly CallerPartsFragment[]
  /** A name; empty: nobody. */
  readonly value: string
  readonly onChange: (name: string) => void
}

const WhoCalls = ({ callers, value, onChange }: WhoProps) => (
  <Field label="Who calls">
    {(described) => (
      <select {...described} className="input w-full" value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">nobody that is proven</option>
        {callers.map((caller) => (
          <option key={caller.id} value={caller.name}>
            {caller.name}
          </option>
        ))}
      </select>
    )}
  </Field>
)
