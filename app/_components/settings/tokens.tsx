'use client'
import { useState } from 'react'
import { useQuery } from 'urql'
import { TokenListDocument, type TokenPartsFragment } from '../../../graphql/generated/operations.ts'
import { day } from '../../_lib/format.ts'
import { Ago } from '../shared/ago.tsx'
import { Problem } from '../shared/problem.tsx'
import { ScrollTable } from '../shared/scroll-table.tsx'
import { SkeletonTable } from '../shared/skeleton.tsx'
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
        <TokenTable tokens={data.tokens} onRevoke={setRevoking} />
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

type TableProps = {
  readonly tokens: readonly TokenPartsFragment[]
  readonly onRevoke: (token: TokenPartsFragment) => void
}

function TokenTable({ tokens, onRevoke }: TableProps) {
  return (
    <ScrollTable label="Tokens">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Role</th>
            <th scope="col">Zones</th>
            <th scope="col">Created</th>
            <th scope="col">Expires</th>
            <th scope="col">Last used</th>
            <th scope="col">
              <span className="sr-only">Act</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <tr key={token.id}>
              <td className="mono">{token.name}</td>
              <td>{token.role.toLowerCase()}</td>
              <td className="mono text-ink-2">{token.zones.join(', ') || 'all'}</td>
              <td className="text-ink-2">
                <Ago time={token.createdAt} />
              </td>
              <td className="text-ink-2">{token.expiresAt === null ? 'never' : day(token.expiresAt)}</td>
              <td className="text-ink-2">{token.lastUsedAt === null ? 'never' : <Ago time={token.lastUsedAt} />}</td>
              <td className="num">
                <button type="button" className="btn quiet small" onClick={() => onRevoke(token)}>
                  Revoke<span className="sr-only"> {token.name}</span>
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollTable>
  )
}
