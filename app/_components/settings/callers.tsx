'use client'
import { useState } from 'react'
import type { CallerKind, CallerPartsFragment } from '../../../graphql/generated/operations.ts'
import { namingWords } from '../../../server/domain/callers/naming-words.ts'
import { ActButton } from '../shared/act-button.tsx'
import { Problem } from '../shared/problem.tsx'
import { SkeletonTable } from '../shared/skeleton.tsx'
import { type Column, Table } from '../shared/table.tsx'
import { useCallers } from '../shared/use-callers.ts'
import { CreateCaller } from './create-caller.tsx'
import { DeleteCaller } from './delete-caller.tsx'

const known: Readonly<Record<CallerKind, string>> = {
  KEY: 'a key of FaDO’s',
  JWT: 'tokens of an issuer',
  CERTIFICATE: 'a certificate',
}

/** Whom the policy callers can name. */
export function Callers() {
  const { callers, error, retry } = useCallers()
  const [creating, setCreating] = useState(false)
  const [deleting, setDeleting] = useState<CallerPartsFragment>()
  return (
    <section aria-labelledby="h-callers">
      <header>
        <h2 id="h-callers">Callers</h2>
        <span className="dim">{callers?.length}</span>
        {callers && (
          <ActButton className="btn small ml-auto" onClick={() => setCreating(true)}>
            Create a caller
          </ActButton>
        )}
      </header>
      {callers === undefined ? (
        error ? (
          <Problem error={error} what="The callers" onRetry={retry} />
        ) : (
          <SkeletonTable columns={['Name', 'Known by', 'Named by', 'Act']} rows={2} />
        )
      ) : callers.length === 0 ? (
        <p className="text-ink-2">
          Anybody may call functions. To let in some alone, create a caller for each and name them in the policy{' '}
          <code>callers</code>, of a bucket or of the fleet.
        </p>
      ) : (
        <Table label="Callers" columns={columnsOf(setDeleting)} items={callers} keyOf={(caller) => caller.id} />
      )}
      {creating && <CreateCaller onClose={() => setCreating(false)} />}
      {deleting && <DeleteCaller caller={deleting} onClose={() => setDeleting(undefined)} />}
    </section>
  )
}

const columnsOf = (onDelete: (caller: CallerPartsFragment) => void): readonly Column<CallerPartsFragment>[] => [
  { head: 'Name', cell: ({ name }) => <span className="mono">{name}</span> },
  { head: 'Known by', cell: ({ kind }) => <span className="text-ink-2">{known[kind]}</span> },
  {
    head: 'Named by',
    cell: ({ namedBy }) => namingWords(namedBy) || <span className="dim">no policy</span>,
  },
  {
    head: 'Act',
    as: 'act',
    cell: (caller) => (
      <ActButton className="btn quiet small" onClick={() => onDelete(caller)}>
        Delete<span className="sr-only"> {caller.name}</span>
      </ActButton>
    ),
  },
]
