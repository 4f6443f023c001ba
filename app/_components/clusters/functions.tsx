'use client'
import { useState } from 'react'
import type { ClusterPartsFragment, FunctionsPartsFragment } from '../../../graphql/generated/operations.ts'
import { functionsSentences } from '../../_lib/functions-words.ts'
import { healthSign } from '../../_lib/health.ts'
import { sentence } from '../../_lib/sentence.ts'
import { ActButton } from '../shared/act-button.tsx'
import { HealthGlyph } from '../shared/health-glyph.tsx'
import { Lasting } from '../shared/lasting.tsx'
import { Said } from '../shared/said.tsx'
import { type Column, Table } from '../shared/table.tsx'
import { BackAt } from './back-at.tsx'
import { AddFunctions, EditFunctions, RemoveFunctions } from './function-forms.tsx'
import { usePlatforms } from './use-platforms.ts'

type Opened = { readonly what: 'add' } | { readonly what: 'edit' | 'remove'; readonly id: string }

/** The function platforms of a cluster. */
export function Functions({ cluster }: { readonly cluster: ClusterPartsFragment }) {
  const [opened, setOpened] = useState<Opened>()
  const platforms = usePlatforms()
  const titleOf: Title = (kind) => platforms.find((one) => one.kind === kind)?.title ?? kind.toLowerCase()
  const close = () => setOpened(undefined)
  const { faasDeployments: all } = cluster
  const chosen = opened && opened.what !== 'add' ? all.find((one) => one.id === opened.id) : undefined
  return (
    <section aria-labelledby="h-functions">
      <header>
        <h2 id="h-functions">Functions</h2>
        <span className="dim">{all.length}</span>
        <ActButton className="btn small ml-auto" onClick={() => setOpened({ what: 'add' })}>
          Add functions
        </ActButton>
      </header>
      <Table
        label="Functions"
        columns={columnsOf(titleOf, (what, id) => setOpened({ what, id }))}
        items={all}
        keyOf={(one) => one.id}
        why={(one) => <FunctionsFacts deployment={one} />}
        empty={<p className="text-ink-2">None yet: this cluster gets no calls.</p>}
      />
      {opened?.what === 'add' && <AddFunctions cluster={cluster} onClose={close} />}
      {opened?.what === 'edit' && chosen && <EditFunctions cluster={cluster} deployment={chosen} onClose={close} />}
      {opened?.what === 'remove' && chosen && <RemoveFunctions cluster={cluster} deployment={chosen} onClose={close} />}
    </section>
  )
}

type Title = (kind: FunctionsPartsFragment['kind']) => string

const columnsOf = (
  titleOf: Title,
  open: (what: 'edit' | 'remove', id: string) => void,
): readonly Column<FunctionsPartsFragment>[] => [
  {
    head: 'URL',
    cell: ({ health, url }) => (
      <>
        <HealthGlyph health={health} /> <span className="mono">{url}</span>
      </>
    ),
  },
  {
    head: 'Platform',
    cell: ({ kind }) => <span className="text-ink-2">{titleOf(kind)}</span>,
  },
  { head: 'Weight', as: 'num', cell: ({ weight }) => weight },
  { head: 'State', as: 'wrap', cell: ({ health }) => <State health={health} /> },
  {
    head: 'Act',
    as: 'act',
    cell: ({ id, url }) => (
      <>
        <ActButton className="btn quiet small" onClick={() => open('edit', id)}>
          Edit<span className="sr-only"> {url}</span>
        </ActButton>
        <ActButton className="btn quiet small" onClick={() => open('remove', id)}>
          Remove<span className="sr-only"> {url}</span>
        </ActButton>
      </>
    ),
  },
]

const toneOf = ({ health }: Pick<FunctionsPartsFragment, 'health'>): string =>
  health.status === 'UNHEALTHY' ? 'text-bad' : 'text-ink-2'

const State = ({ health }: Pick<FunctionsPartsFragment, 'health'>) => (
  <span className={toneOf({ health })}>
    {healthSign(health).word}
    {health.since !== null && (
      <span className="dim">
        {' '}
        <Lasting since={health.since} />
      </span>
    )}
  </span>
)

function FunctionsFacts({ deployment }: { readonly deployment: FunctionsPartsFragment }) {
  return (
    <span className="dim">
      {deployment.health.detail !== null && (
        <span className={toneOf(deployment)}>{sentence(deployment.health.detail)} </span>
      )}
      <BackAt at={deployment.health.backAt} />
      <Said parts={functionsSentences(deployment)} />
      {deployment.hints.map(({ message }) => (
        <span key={message} className="text-warn">
          {' '}
          {sentence(message)}
        </span>
      ))}
    </span>
  )
}
