'use client'
import { useSearchParams } from 'next/navigation'
import { useState } from 'react'
import type { ClusterPartsFragment, StorePartsFragment } from '../../../graphql/generated/operations.ts'
import { isInTrouble } from '../../../server/domain/fleet/in-trouble.ts'
import { isReason } from '../../../server/domain/reason.ts'
import { bytes, count } from '../../_lib/format.ts'
import { storeSign } from '../../_lib/health.ts'
import { sentence } from '../../_lib/sentence.ts'
import { sendsNoEvents } from '../../_lib/sweeps.ts'
import { ActButton } from '../shared/act-button.tsx'
import { EventsCommand } from '../shared/events-command.tsx'
import { Glyph, SignGlyph } from '../shared/glyph.tsx'
import { Lasting } from '../shared/lasting.tsx'
import { type Column, Table } from '../shared/table.tsx'
import { AddStore } from './add-store.tsx'
import { BackAt } from './back-at.tsx'
import { ChangeStore } from './change-store.tsx'
import { RemoveStore } from './remove-store.tsx'
import { StoreBuckets } from './store-buckets.tsx'
import { StoreEventFacts } from './store-event-facts.tsx'

type What = 'change' | 'remove' | 'buckets'
type Opened = { readonly what: 'add' } | { readonly what: What; readonly id: string }

/** Links from elsewhere add a store, or show what one has by its name. */
function openedAt({ storageDeployments }: ClusterPartsFragment, query: URLSearchParams): Opened | undefined {
  if (query.has('add-store')) return { what: 'add' }
  const store = storageDeployments.find(({ name }) => name === query.get('buckets'))
  return store && { what: 'buckets', id: store.id }
}

/** The object stores of a cluster. */
export function Stores({ cluster }: { readonly cluster: ClusterPartsFragment }) {
  const query = useSearchParams()
  const [opened, setOpened] = useState(openedAt(cluster, query))
  const close = () => setOpened(undefined)
  const store =
    opened && opened.what !== 'add' ? cluster.storageDeployments.find((one) => one.id === opened.id) : undefined
  return (
    <section aria-labelledby="h-stores">
      <header>
        <h2 id="h-stores">Stores</h2>
        <span className="dim">{cluster.storageDeployments.length}</span>
        <ActButton className="btn small ml-auto" onClick={() => setOpened({ what: 'add' })}>
          Add a store
        </ActButton>
      </header>
      <Table
        label="Stores"
        columns={columnsOf((what, id) => setOpened(what === 'buckets' && store?.id === id ? undefined : { what, id }))}
        items={cluster.storageDeployments}
        keyOf={(one) => one.id}
        why={(one) => <StoreFacts store={one} />}
        below={(one) => (opened?.what === 'buckets' && store?.id === one.id ? <StoreBuckets store={one} /> : null)}
        empty={<p className="text-ink-2">None yet: this cluster holds no data.</p>}
      />
      {cluster.storageDeployments.some(sendsNoEvents) && (
        <p className="note plain mt-3">
          <Glyph name="notice" />
          <span>
            Where a store can send events, FaDO knows of changes at once:{' '}
            {cluster.storageDeployments.filter(sendsNoEvents).map(({ name }) => (
              <EventsCommand key={name} store={name} />
            ))}{' '}
            Then probe it again (Credentials).
          </span>
        </p>
      )}
      {opened?.what === 'add' && <AddStore cluster={cluster} onClose={close} />}
      {opened?.what === 'change' && store && <ChangeStore store={store} onClose={close} />}
      {opened?.what === 'remove' && store && <RemoveStore store={store} onClose={close} />}
    </section>
  )
}

const columnsOf = (open: (what: What, id: string) => void): readonly Column<StorePartsFragment>[] => [
  {
    head: 'Store',
    cell: (store) => (
      <>
        <SignGlyph mark={storeSign(store)} label={storeSign(store).word} /> <span className="mono">{store.name}</span>
      </>
    ),
  },
  { head: 'Endpoint', cell: ({ endpoint }) => <span className="mono text-ink-2">{endpoint}</span> },
  {
    head: 'State',
    cell: (store) => (
      <span className={toneOf(store)}>
        {storeSign(store).word}
        <StateSince store={store} />
      </span>
    ),
  },
  {
    head: 'Objects',
    as: 'num',
    cell: ({ usage }) => usage && <span className="text-ink-2">{count(usage.objects)}</span>,
  },
  { head: 'Stored', as: 'num', cell: ({ usage }) => usage && <span className="text-ink-2">{bytes(usage.bytes)}</span> },
  {
    head: 'Act',
    as: 'act',
    cell: ({ id, name }) => (
      <>
        <button type="button" className="btn quiet small" onClick={() => open('buckets', id)}>
          Buckets<span className="sr-only"> on {name}</span>
        </button>
        <ActButton className="btn quiet small" onClick={() => open('change', id)}>
          Credentials<span className="sr-only"> of {name}</span>
        </ActButton>
        <ActButton className="btn quiet small" onClick={() => open('remove', id)}>
          Remove<span className="sr-only"> {name}</span>
        </ActButton>
      </>
    ),
  },
]

function toneOf(store: StorePartsFragment): string {
  if (store.health.status === 'UNHEALTHY') return 'text-bad'
  return isInTrouble(store) ? 'text-warn' : 'text-ink-2'
}

function StateSince({ store }: { readonly store: StorePartsFragment }) {
  const since = isInTrouble(store) ? store.troubles[0]?.since : store.health.since
  if (since == null) return null
  return (
    <span className="dim">
      {' '}
      <Lasting since={since} />
    </span>
  )
}

/** Each that a store lacks is among its hints, but for events, of which there is more to say. */
function canWords({ capabilities: can, hints }: StorePartsFragment): string {
  if (hints.length === 0 && can.includes('webhook-events')) return 'Can do all that FaDO uses.'
  return can.length > 0 ? `Can do: ${can.join(', ')}.` : 'No special capabilities.'
}

function StoreFacts({ store }: { readonly store: StorePartsFragment }) {
  const { health, hints } = store
  return (
    <span className="dim">
      {health.detail !== null && <span className={toneOf(store)}>{sentence(health.detail)} </span>}
      <BackAt at={health.backAt} />
      {isInTrouble(store) && (
        <span className={toneOf(store)}>
          {store.troubles.map(({ message }) => sentence(message, store.name)).join(' ')}{' '}
        </span>
      )}
      <StoreEventFacts store={store} />
      {hints.map(({ code, message }) => (
        <span key={message} className={isReason({ code }, 'CERTIFICATE_UNCHECKED') ? 'text-warn' : 'text-ink-2'}>
          {sentence(message)}{' '}
        </span>
      ))}
      {canWords(store)}
      {store.publicEndpoint !== null && ` Clients reach it at ${store.publicEndpoint}.`}
    </span>
  )
}
