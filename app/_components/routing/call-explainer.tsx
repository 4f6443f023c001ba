'use client'
import Link from 'next/link'
import { useSearchParams } from 'next/navigation'
import { useDeferredValue, useState } from 'react'
import { useQuery } from 'urql'
import {
  type CallerPartsFragment,
  ExplainCallDocument,
  type ExplainCallQuery,
  IngressDocument,
} from '../../../graphql/generated/operations.ts'
import { decisionHref } from '../../_lib/hrefs.ts'
import { name, type Parts, say, stress } from '../../_lib/parts.ts'
import { sentence } from '../../_lib/sentence.ts'
import { typedFault, typedHeaders } from '../../_lib/typed-call.ts'
import { Field } from '../shared/field.tsx'
import { LinesField } from '../shared/lines-field.tsx'
import { Said } from '../shared/said.tsx'
import { TextField } from '../shared/text-field.tsx'
import { useCallers } from '../shared/use-callers.ts'
import { CallFalls } from './call-falls.tsx'
import { ExplainHeader } from './explain-header.tsx'
import { ThisCall } from './this-call.tsx'

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
  const [{ data: known }] = useQuery({ query: IngressDocument })
  const header = known?.ingress.header ?? 'X-FaDO-Bucket'
  const { callers } = useCallers()
  const call = useDeferredValue({ method, path, bucket, others, caller })
  const fault = typedFault(call, header)
  const wrong = (part: string) => (fault?.part === part ? sentence(fault.message) : undefined)
  const [{ data, error, fetching }] = useQuery({
    query: ExplainCallDocument,
    variables: {
      input: { method: call.method, path: call.path, headers: typedHeaders(call, header), caller: call.caller || null },
    },
    pause: known === undefined || !typed || fault !== undefined,
    requestPolicy: 'cache-and-network',
  })
  const explained = typed && fault === undefined ? data?.explainRequest : undefined
  return (
    <section aria-labelledby="h-explain" id="explain">
      <ExplainHeader past={false} bucket={bucket} asking={fetching} />
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
      {typed && fault === undefined && error && (
        <p className="text-bad" role="alert">
          {sentence(error.graphQLErrors[0]?.message ?? 'FaDO does not answer')}
        </p>
      )}
      {explained && <Explained explained={explained} />}
      {explained && known && callers && (
        <ThisCall call={call} ingress={known.ingress} explained={explained} callers={callers} />
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

type Explanation = ExplainCallQuery['explainRequest']

function Explained({ explained }: { readonly explained: Explanation }) {
  const { outcome, bucket, reasons, candidates, decision } = explained
  const rest = outcome === 'ROUTED' ? reasons : reasons.slice(1)
  return (
    <div className="grid gap-3 pb-3">
      <p className="sentence" role="status">
        <Said parts={verdict(explained)} />
      </p>
      {rest.map(({ message }) => (
        <p key={message} className="text-accent">
          {sentence(message)}
        </p>
      ))}
      {candidates.length > 0 && <CallFalls candidates={candidates} said={reasons[0]?.message ?? ''} />}
      {decision !== null && (
        <dl className="facts">
          <dt>x-fado-decision</dt>
          <dd>
            <Link href={decisionHref({ decision, bucket: bucket ?? '' })} scroll={false}>
              <code>{decision};try=1</code>
            </Link>
          </dd>
        </dl>
      )}
    </div>
  )
}

function verdict({ outcome, status, grpcStatus, lbPolicy, reasons, candidates }: Explanation): Parts {
  if (outcome === 'REJECTED') {
    const why = sentence(reasons[0]?.message ?? '')
    if (grpcStatus !== null)
      return say`Envoy answers by itself, with the status ${stress(String(grpcStatus))} of gRPC. ${why}`
    return say`Envoy answers ${stress(String(status))} by itself. ${why}`
  }
  const clusters = [...new Set(candidates.filter((one) => one.verdict === 'ELIGIBLE').map((one) => one.cluster.name))]
  const policy = name((lbPolicy ?? '').toLowerCase())
  const [only, ...others] = clusters.sort()
  if (only !== undefined && others.length === 0) return say`This call goes to ${name(only)}, spread by ${policy}.`
  return say`This call goes to one of ${stress(String(clusters.length))} clusters, spread by ${policy}.`
}
