'use client'
import type { CombinedError } from 'urql'
import { sentence } from '../../_lib/sentence.ts'
import { useEvery } from '../../_lib/use-every.ts'
import { useConsole } from '../shell/console-provider.tsx'

/** Between tries to reach FaDO again. */
const pause = 5_000

type Props = {
  readonly error: CombinedError
  /** "The buckets" in "The buckets could not be read." */
  readonly what: string
  readonly onRetry: () => void
}

/** A page that cannot be shown says why, what goes on meanwhile, and what to do. */
export function Problem({ error, what, onRetry }: Props) {
  const code = error.graphQLErrors[0]?.extensions['code']
  const silent = error.networkError !== undefined && code === undefined
  const away = silent || code === 'UNAVAILABLE'
  // Not by `onRetry`: to ask anew takes the error from the page until there is an answer, and none may come for long.
  const { refetchAll } = useConsole()
  useEvery(pause, away, refetchAll)
  return (
    <div className={away ? 'blank away' : 'blank'} role="alert">
      <p className="sentence">{silent ? 'FaDO does not answer.' : `${what} could not be read.`}</p>
      <p className="text-ink-2">
        {silent ? `${what} could not be read.` : sentence(error.graphQLErrors[0]?.message ?? error.message)}
        {away && ' This page tries again by itself. Meanwhile Envoy goes on serving by the last routes.'}
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
