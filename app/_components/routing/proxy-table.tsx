'use client'
import { useState } from 'react'
import type { ProxyPartsFragment } from '../../../graphql/generated/operations.ts'
import { count } from '../../_lib/format.ts'
import { Ago } from '../shared/ago.tsx'
import { Command } from '../shared/command.tsx'
import { Glyph } from '../shared/glyph.tsx'
import { ScrollTable } from '../shared/scroll-table.tsx'
import { ProxyResources } from './proxy-resources.tsx'

export function ProxyTable({ proxies }: { readonly proxies: readonly ProxyPartsFragment[] }) {
  const [open, setOpen] = useState<string>()
  return (
    <section aria-labelledby="h-proxies">
      <header>
        <h2 id="h-proxies">Proxies</h2>
        <span className="dim">{count(proxies.filter((proxy) => proxy.connectedSince !== null).length)} connected</span>
      </header>
      {proxies.length === 0 ? (
        <div className="blank inline">
          <p className="text-ink-2">
            An Envoy that is to take calls connects to FaDO on its xDS port. Start the demo's with:
          </p>
          <Command text="npm run demo" />
        </div>
      ) : (
        <ScrollTable label="Proxies">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Envoy</th>
                <th scope="col">Version</th>
                <th scope="col">Connected</th>
                <th scope="col" className="num">
                  Accepted
                </th>
                <th scope="col" className="num">
                  Waiting
                </th>
                <th scope="col" className="num">
                  Rejected
                </th>
                <th scope="col">
                  <span className="sr-only">Show</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {proxies.map((proxy) => (
                <ProxyRows
                  key={proxy.id}
                  proxy={proxy}
                  open={open === proxy.id}
                  onToggle={() => setOpen(open === proxy.id ? undefined : proxy.id)}
                />
              ))}
            </tbody>
          </table>
        </ScrollTable>
      )}
    </section>
  )
}

type RowProps = { readonly proxy: ProxyPartsFragment; readonly open: boolean; readonly onToggle: () => void }

function ProxyRows({ proxy, open, onToggle }: RowProps) {
  const number = (state: string) => proxy.resources.filter((resource) => resource.state === state).length
  const rejected = number('NACKED')
  const pending = number('PENDING')
  return (
    <>
      <tr>
        <td>
          {rejected > 0 ? (
            <Glyph name="warn" tone="warn" label="a resource is rejected" />
          ) : proxy.connectedSince === null ? (
            <Glyph name="sync-lost" label="not connected" />
          ) : (
            <Glyph name="pass" label="all accepted" />
          )}{' '}
          <span className="mono">{proxy.nodeId}</span>
        </td>
        <td className="text-ink-2">{proxy.version || 'unknown'}</td>
        <td className="text-ink-2">{proxy.connectedSince === null ? 'no' : <Ago time={proxy.connectedSince} />}</td>
        <td className="num">{count(number('ACKED'))}</td>
        <td className="num">
          {pending > 0 ? <span className="text-accent">{count(pending)}</span> : <span className="dim">0</span>}
        </td>
        <td className="num">
          {rejected > 0 ? <span className="text-warn">{count(rejected)}</span> : <span className="dim">0</span>}
        </td>
        <td className="num">
          <button type="button" className="btn quiet small" aria-expanded={open} onClick={onToggle}>
            {open ? 'Hide' : 'Show'}
            <span className="sr-only"> resources of {proxy.nodeId}</span>
          </button>
        </td>
      </tr>
      {open && (
        <tr className="editing">
          <td colSpan={7}>
            <ProxyResources resources={proxy.resources} />
          </td>
        </tr>
      )}
    </>
  )
}
