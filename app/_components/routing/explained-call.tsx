import Link from 'next/link'
import type { ExplainCallQuery } from '../../../graphql/generated/operations.ts'
import { decisionHref } from '../../_lib/hrefs.ts'
import { name, type Parts, say, stress } from '../../_lib/parts.ts'
import { sentence } from '../../_lib/sentence.ts'
import { Said } from '../shared/said.tsx'
import { CallFalls } from './call-falls.tsx'

type Explanation = ExplainCallQuery['explainRequest']

/** What becomes of a call: where it goes, or who answers it, and what keeps it from all other clusters. */
export function Explained({ explained }: { readonly explained: Explanation }) {
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
