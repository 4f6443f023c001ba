'use client'
import type { CombinedError } from 'urql'
import { sentence } from '../../_lib/words.ts'

type Props = {
  readonly error: CombinedError
  /** "The buckets" in "The buckets could not be read." */
  readonly what: string
  readonly onRetry: () => void
}

/** A page that cannot be shown says why, what goes on meanwhile, and what to do. */
export function Problem({ error, what, onRetry }: Props) {
  const network = error.networkError !== undefined
  const code = error.graphQLErrors[0]?.extensions['code']
  return (
    <div className="blank" role="alert">
      <p className="sentence">{what} could not be read.</p>
      <p className="text-ink-2">
        {network ? 'FaDO does not answer.' : sentence(error.graphQLErrors[0]?.message ?? error.message)} Calls and
        copies go on: Envoy keeps its routes, movers keep their work.
      </p>
      <div>
        <button type="button" className="btn primary" onClick={onRetry}>
          Try now
        </button>
      </div>
      {typeof code === 'string' && (
        <dl className="facts">
          <dt>code</dt>
          <dd>
            <code>{code}</code>
          </dd>
        </dl>
      )}
    </div>
  )
}
