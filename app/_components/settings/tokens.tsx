'use client'
import { useState } from 'react'
import { useQuery } from 'urql'
import { TokenListDocument, type TokenPartsFragment } from '../../../graphql/generated/operations.ts'
import { day } from '../../_lib/format.ts'
import { Ago } from '../shared/ago.tsx'
import { Problem } from '../shared/problem.tsx'
import { SkeletonTable } from '../shared/skeleton.tsx'
import { type Column, Table } from '../shared/table.tsx'
import { CreateToken } from './create-token.tsx'
import { RevokeToken } from './revoke-token.tsx'

/** Who may do what. */
export function Tokens() {
  const [{ data, error }, again] = useQuery({ query: TokenListDocument })
  const [creating, setCreating] = useState(false)
  const [revoking, setRevoking] = useState<TokenPartsFragment>()
  const forbidden = error?.graphQLErrors.some((one) => one.extensions['code'] === 'FORBIDDEN') === true
  return (
    <section aria-labelledby="h-tokens">
      <header>
        <h2 id="h-tokens">Tokens</h2>
        <span className="dim">{data?.tokens.length}</span>
        {data && (
          <button type="button" className="btn small ml-auto" onClick={() => setCreating(true)}>
            Create a token
          </button>
        )}
      </header>
      {data ? (
        <Table label="Tokens" columns={columnsOf(setRevoking)} items={data.tokens} keyOf={(token) => token.id} />
      ) : forbidden ? (
        <p className="text-ink-2">Tokens are for admins. Yours is of another role.</p>
      ) : error ? (
        <Problem error={error} what="The tokens" onRetry={() => again({ requestPolicy: 'network-only' })} />
      ) : (
        <SkeletonTable columns={['Name', 'Role', 'Zones', 'Created', 'Expires', 'Used']} rows={3} />
      )}
      {creating && <CreateToken onClose={() => setCreating(false)} />}
      {revoking && <RevokeToken token={revoking} onClose={() => setRevoking(undefined)} />}
    </section>
  )
}

const columnsOf = (onRevoke: (token: TokenPartsFragment) => void): readonly Column<TokenPartsFragment>[] => [
  { head: 'Name', cell: ({ name }) => <span className="mono">{name}</span> },
  { head: 'Role', cell: ({ role }) => role.toLowerCase() },
  {
    head: 'Zones',
    as: 'wrap',
    cell: ({ zones }) => <span className="mono text-ink-2">{zones.join(', ') || 'all'}</span>,
  },
  { head: 'Created', cell: ({ createdAt }) => <When time={createdAt} /> },
  {
    head: 'Expires',
    cell: ({ expiresAt }) => <span className="text-ink-2">{expiresAt === null ? 'never' : day(expiresAt)}</span>,
  },
  { head: 'Last used', cell: ({ lastUsedAt }) => <When time={lastUsedAt} /> },
  {
    head: 'Act',
    as: 'act',
    cell: (token) => (
      <button type="button" className="btn quiet small" onClick={() => onRevoke(token)}>
        Revoke<span className="sr-only"> {token.name}</span>
      </button>
    ),
  },
]

const When = ({ time }: { readonly time: string | null }) => (
  <span className="text-ink-2">{time === null ? 'never' : <Ago time={time} />}</span>
)
