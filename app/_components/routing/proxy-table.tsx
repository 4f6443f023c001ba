'use client'
import { useState } from 'react'
import type { ProxyPartsFragment } from '../../../graphql/generated/operations.ts'
import { count } from '../../_lib/format.ts'
import { Ago } from '../shared/ago.tsx'
import { Command } from '../shared/command.tsx'
import { Glyph } from '../shared/glyph.tsx'
import { type Column, Table } from '../shared/table.tsx'
import { ProxyResources } from './proxy-resources.tsx'

export function ProxyTable({ proxies }: { readonly proxies: readonly ProxyPartsFragment[] }) {
  const [open, setOpen] = useState<string>()
  return (
    <section aria-labelledby="h-proxies">
      <header>
        <h2 id="h-proxies">Proxies</h2>
        <span className="dim">{count(proxies.filter((proxy) => proxy.connectedSince !== null).length)} connected</span>
      </header>
      <Table
        label="Proxies"
        columns={columnsOf(open, (id) => setOpen(open === id ? undefined : id))}
        items={proxies}
        keyOf={(proxy) => proxy.id}
        below={(proxy) => (proxy.id === open ? <ProxyResources resources={proxy.resources} /> : null)}
        empty={
          <div className="blank inline">
            <p className="text-ink-2">
              An Envoy that is to take calls connects to FaDO on its xDS port. Start the demo's with:
            </p>
            <Command text="npm run demo" />
          </div>
        }
      />
    </section>
  )
}

type Proxy = ProxyPartsFragment
const number = (proxy: Proxy, state: string) => proxy.resources.filter((resource) => resource.state === state).length

const columnsOf = (open: string | undefined, onToggle: (id: string) => void): readonly Column<Proxy>[] => [
  { head: 'Envoy', cell: (proxy) => <Envoy proxy={proxy} /> },
  { head: 'Version', cell: ({ version }) => <span className="text-ink-2">{version || 'unknown'}</span> },
  {
    head: 'Connected',
    cell: ({ connectedSince }) => (
      <span className="text-ink-2">{connectedSince === null ? 'no' : <Ago time={connectedSince} />}</span>
    ),
  },
  { head: 'Accepted', as: 'num', cell: (proxy) => count(number(proxy, 'ACKED')) },
  { head: 'Waiting', as: 'num', cell: (proxy) => <Some n={number(proxy, 'PENDING')} tone="text-accent" /> },
  { head: 'Rejected', as: 'num', cell: (proxy) => <Some n={number(proxy, 'NACKED')} tone="text-warn" /> },
  {
    head: 'Show',
    as: 'act',
    cell: ({ id, nodeId }) => (
      <button type="button" className="btn quiet small" aria-expanded={open === id} onClick={() => onToggle(id)}>
        {open === id ? 'Hide' : 'Show'}
        <span className="sr-only"> resources of {nodeId}</span>
      </button>
    ),
  },
]

const Envoy = ({ proxy }: { readonly proxy: Proxy }) => (
  <>
    {number(proxy, 'NACKED') > 0 ? (
      <Glyph name="warn" tone="warn" label="a resource is rejected" />
    ) : proxy.connectedSince === null ? (
      <Glyph name="sync-lost" label="not connected" />
    ) : (
      <Glyph name="pass" label="all accepted" />
    )}{' '}
    <span className="mono">{proxy.nodeId}</span>
  </>
)

const Some = ({ n, tone }: { readonly n: number; readonly tone: string }) => (
  <span className={n > 0 ? tone : 'dim'}>{count(n)}</span>
)
