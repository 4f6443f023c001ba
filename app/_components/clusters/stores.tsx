'use client'
import { useState } from 'react'
import type { ClusterPartsFragment, StorePartsFragment } from '../../../graphql/generated/operations.ts'
import { bytes, count } from '../../_lib/format.ts'
import { healthMark } from '../../_lib/health.ts'
import { sentence } from '../../_lib/words.ts'
import { HealthGlyph } from '../shared/health-glyph.tsx'
import { Lasting } from '../shared/lasting.tsx'
import { ScrollTable } from '../shared/scroll-table.tsx'
import { AddStore } from './add-store.tsx'
import { ChangeStore } from './change-store.tsx'
import { RemoveStore } from './remove-store.tsx'

type Opened = { readonly what: 'add' } | { readonly what: 'change' | 'remove'; readonly id: string }

/** The object stores of a cluster. */
export function Stores({ cluster }: { readonly cluster: ClusterPartsFragment }) {
  const [opened, setOpened] = useState<Opened>()
  const close = () => setOpened(undefined)
  const store =
    opened && opened.what !== 'add' ? cluster.storageDeployments.find((one) => one.id === opened.id) : undefined
  return (
    <section aria-labelledby="h-stores">
      <header>
        <h2 id="h-stores">Stores</h2>
        <span className="dim">{cluster.storageDeployments.length}</span>
        <button type="button" className="btn small ml-auto" onClick={() => setOpened({ what: 'add' })}>
          Add a store
        </button>
      </header>
      {cluster.storageDeployments.length === 0 ? (
        <p className="text-ink-2">None yet.</p>
      ) : (
        <ScrollTable label="Stores">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Store</th>
                <th scope="col">Endpoint</th>
                <th scope="col">State</th>
                <th scope="col" className="num">
                  Objects
                </th>
                <th scope="col" className="num">
                  Stored
                </th>
                <th scope="col">
                  <span className="sr-only">Act</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {cluster.storageDeployments.map((one) => (
                <StoreRows
                  key={one.id}
                  store={one}
                  onChange={() => setOpened({ what: 'change', id: one.id })}
                  onRemove={() => setOpened({ what: 'remove', id: one.id })}
                />
              ))}
            </tbody>
          </table>
        </ScrollTable>
      )}
      {opened?.what === 'add' && <AddStore cluster={cluster.name} onClose={close} />}
      {opened?.what === 'change' && store && <ChangeStore store={store} onClose={close} />}
      {opened?.what === 'remove' && store && <RemoveStore store={store} onClose={close} />}
    </section>
  )
}

type RowProps = { readonly store: StorePartsFragment; readonly onChange: () => void; readonly onRemove: () => void }

function StoreRows({ store, onChange, onRemove }: RowProps) {
  const { health, capabilities, usage } = store
  const ill = health.status === 'UNHEALTHY' ? 'text-bad' : 'text-ink-2'
  return (
    <>
      <tr className="has-why">
        <td>
          <HealthGlyph health={health} /> <span className="mono">{store.name}</span>
        </td>
        <td className="mono text-ink-2">{store.endpoint}</td>
        <td className={ill}>
          {healthMark(health.status).word}
          {health.since !== null && (
            <span className="dim">
              {' '}
              <Lasting since={health.since} />
            </span>
          )}
        </td>
        <td className="num text-ink-2">{usage && count(usage.objects)}</td>
        <td className="num text-ink-2">{usage && bytes(usage.bytes)}</td>
        <td className="num">
          <button type="button" className="btn quiet small" onClick={onChange}>
            Credentials<span className="sr-only"> of {store.name}</span>
          </button>
          <button type="button" className="btn quiet small" onClick={onRemove}>
            Remove<span className="sr-only"> {store.name}</span>
          </button>
        </td>
      </tr>
      <tr className="why">
        <td colSpan={6} className="dim">
          {health.detail !== null && <span className={ill}>{sentence(health.detail)} </span>}
          {capabilities.length > 0 ? `Can do: ${capabilities.join(', ')}.` : 'No special capabilities.'}
          {store.publicEndpoint !== null && ` Clients reach it at ${store.publicEndpoint}.`}
        </td>
      </tr>
    </>
  )
}
