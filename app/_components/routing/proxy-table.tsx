'use client'
import { useState } from 'react'
import type { ProxyPartsFragment } from '../../../graphql/generated/operations.ts'
import { clock, count } from '../../_lib/format.ts'
import { Ago } from '../shared/ago.tsx'
import { Command } from '../shared/command.tsx'
import { Glyph } from '../shared/glyph.tsx'
import { Lasting } from '../shared/lasting.tsx'
import { type Column, Table } from '../shared/table.tsx'
import { ForgetProxy } from './forget-proxy.tsx'
import { ProxyResources } from './proxy-resources.tsx'

export function ProxyTable({ proxies }: { readonly proxies: readonly ProxyPartsFragment[] }) {
  const [open, setOpen] = useState<string>()
  const [forgetting, setForgetting] = useState<string>()
  const gone = proxies.find((proxy) => proxy.id === forgetting)
  return (
    <section aria-labelledby="h-proxies">
      <header>
        <h2 id="h-proxies">Proxies</h2>
        <span className="dim">{count(proxies.filter((proxy) => proxy.connectedSince !== null).length)} connected</span>
      </header>
      <Table
        label="Proxies"
        columns={columnsOf(open, (id) => setOpen(open === id ? undefined : id), setForgetting)}
        items={proxies}
        keyOf={(proxy) => proxy.id}
        below={(proxy) => (proxy.id === open ? <ProxyResources resources={proxy.resources} /> : null)}
        empty={
          <div className="blank within">
            <p className="text-ink-2">
              An Envoy that is to take calls connects to FaDO on its xDS port, with a token of the role PROXY. This
              makes one, and prints what Envoy starts with:
            </p>
            <Command text="npx fado token create edge-1 --role PROXY > proxy.token" />
            <Command text="npx fado envoy bootstrap --node-id edge-1 --token-file proxy.token" />
          </div>
        }
      />
      {gone && <ForgetProxy proxy={gone} onClose={() => setForgetting(undefined)} />}
    </section>
  )
}

type Proxy = ProxyPartsFragment
const number = (proxy: Proxy, state: string) => proxy.resources.filter((resource) => resource.state === state).length

const columnsOf = (
  open: string | undefined,
  onToggle: (id: string) => void,
  onForget: (id: string) => void,
): readonly Column<Proxy>[] => [
  { head: 'Envoy', cell: (proxy) => <Envoy proxy={proxy} /> },
  { head: 'Version', cell: ({ version }) => <span className="text-ink-2">{version || 'unknown'}</span> },
  {
    head: 'Connected',
    cell: ({ connectedSince, controlPlane }) => (
      <span className="text-ink-2">
        {connectedSince === null ? 'no' : <Ago time={connectedSince} />}
        {controlPlane !== null && (
          <>
            , to <code>{controlPlane}</code>
          </>
        )}
      </span>
    ),
  },
  {
    head: 'Counts',
    cell: ({ goneSince, countsUntil }) =>
      goneSince !== null && countsUntil !== null ? (
        <span className="text-warn">
          gone <Lasting since={goneSince} />, counts until {clock(countsUntil)}
        </span>
      ) : (
        <span className="dim">while connected</span>
      ),
  },
  { head: 'Accepted', as: 'num', cell: (proxy) => count(number(proxy, 'ACKED')) },
  { head: 'Waiting', as: 'num', cell: (proxy) => <Some n={number(proxy, 'PENDING')} tone="text-accent" /> },
  { head: 'Rejected', as: 'num', cell: (proxy) => <Some n={number(proxy, 'NACKED')} tone="text-warn" /> },
  {
    head: 'Act',
    as: 'act',
    cell: (proxy) => (
      <>
        <button
          type="button"
          className="btn quiet small"
          aria-expanded={open === proxy.id}
          onClick={() => onToggle(proxy.id)}
        >
          {open === proxy.id ? 'Hide' : 'Show'}
          <span className="sr-only"> resources of {proxy.nodeId}</span>
        </button>
        {proxy.goneSince !== null && (
          <button type="button" className="btn quiet small" onClick={() => onForget(proxy.id)}>
            Forget<span className="sr-only"> {proxy.nodeId}</span>
          </button>
        )}
      </>
    ),
  },
]

const Envoy = ({ proxy }: { readonly proxy: Proxy }) => (
  <>
    {number(proxy, 'NACKED') > 0 ? (
      <Glyph name="warn" tone="warn" label="a resource is rejected" />
    ) : proxy.connectedSince === null ? (
      <Glyph name="sync-lost" label="not connected" />
    ) : number(proxy, 'PENDING') > 0 ? (
      <Glyph name="pending" tone="accent" label="has not answered yet" />
    ) : (
      <Glyph name="pass" label="all accepted" />
    )}{' '}
    <span className="mono">{proxy.nodeId}</span>
  </>
)

const Some = ({ n, tone }: { readonly n: number; readonly tone: string }) => (
  <span className={n > 0 ? tone : 'dim'}>{count(n)}</span>
)
