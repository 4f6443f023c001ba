import type { ProxyPartsFragment } from '../../../graphql/generated/operations.ts'
import { count } from '../../_lib/format.ts'
import { type Column, Table } from '../shared/table.tsx'

const most = 50
const order = { NACKED: 0, PENDING: 1, ACKED: 2 } as const
const words = { NACKED: 'rejected', PENDING: 'waiting', ACKED: 'accepted' } as const
const tones = { NACKED: 'text-warn', PENDING: 'text-accent', ACKED: 'text-ink-2' } as const

/** "type.googleapis.com/envoy.config.route.v3.RouteConfiguration" -> "RouteConfiguration" */
const shortType = (typeUrl: string) => typeUrl.slice(typeUrl.lastIndexOf('.') + 1)

const columns: readonly Column<ProxyPartsFragment['resources'][number]>[] = [
  { head: 'Resource', cell: ({ name }) => <span className="mono">{name}</span> },
  { head: 'Type', cell: ({ typeUrl }) => <span className="text-ink-2">{shortType(typeUrl)}</span> },
  { head: 'Version', cell: ({ version }) => <span className="mono text-ink-3">{version.slice(0, 12)}</span> },
  {
    head: 'State',
    as: 'wrap',
    cell: ({ state, error }) => (
      <span className={tones[state]}>
        {words[state]}
        {error !== null && <span className="text-ink-2">: {error}</span>}
      </span>
    ),
  },
]

/** What one Envoy was sent, what it rejected first. */
export function ProxyResources({ resources }: { readonly resources: ProxyPartsFragment['resources'] }) {
  const sorted = [...resources].sort((a, b) => order[a.state] - order[b.state] || (a.name < b.name ? -1 : 1))
  if (sorted.length === 0) return <p className="text-ink-2">Nothing was sent to it yet.</p>
  return (
    <>
      <Table
        label="Resources"
        columns={columns}
        items={sorted.slice(0, most)}
        keyOf={({ typeUrl, name }) => `${typeUrl} ${name}`}
      />
      {sorted.length > most && <p className="pt-2 text-ink-3">and {count(sorted.length - most)} more</p>}
    </>
  )
}
