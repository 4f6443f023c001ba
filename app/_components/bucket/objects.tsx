'use client'
import { useState } from 'react'
import { useQuery } from 'urql'
import { ObjectPageDocument, type ObjectPageQuery } from '../../../graphql/generated/operations.ts'
import { bytes, count } from '../../_lib/format.ts'
import { Ago } from '../shared/ago.tsx'
import { Problem } from '../shared/problem.tsx'
import { SkeletonTable } from '../shared/skeleton.tsx'
import { type Column, Table } from '../shared/table.tsx'

const pageSize = 25

type Props = {
  readonly bucket: string
  /** How many there are; null before the master was looked at. */
  readonly total: number | null
}

/** The objects as FaDO knows them, on the master's side. */
export function Objects({ bucket, total }: Props) {
  const [prefix, setPrefix] = useState('')
  const [after, setAfter] = useState<string | null>(null)
  const [{ data, error, fetching }, again] = useQuery({
    query: ObjectPageDocument,
    variables: { name: bucket, prefix: prefix === '' ? null : prefix, first: pageSize, after },
  })
  const refresh = () => again({ requestPolicy: 'network-only' })
  const page = data?.bucket?.objects
  return (
    <section className="order-4" aria-labelledby="h-objects">
      <header>
        <h2 id="h-objects">Objects</h2>
        <span className="dim">{total !== null && count(total)}</span>
        <button type="button" className="btn quiet small ml-auto" disabled={fetching} onClick={refresh}>
          Look again
        </button>
        <input
          className="input mono w-56 max-w-full"
          type="search"
          aria-label="Filter objects by prefix"
          placeholder="Prefix, like 2026/"
          autoComplete="off"
          spellCheck={false}
          value={prefix}
          onChange={(event) => {
            setPrefix(event.target.value)
            setAfter(null)
          }}
        />
      </header>
      {error && !page ? (
        <Problem error={error} what="The objects" onRetry={refresh} />
      ) : !page ? (
        <SkeletonTable columns={['Key', 'Size', 'Type', 'Changed']} rows={4} />
      ) : page.nodes.length === 0 ? (
        <p className="text-ink-2">
          {prefix === '' ? 'No object yet: put one on the master store.' : 'No key begins so.'}
        </p>
      ) : (
        <ObjectTable page={page} first={after === null} onFirst={() => setAfter(null)} onNext={setAfter} />
      )}
    </section>
  )
}

type StoredObject = NonNullable<ObjectPageQuery['bucket']>['objects']['nodes'][number]

const columns: readonly Column<StoredObject>[] = [
  {
    head: 'Key',
    cell: ({ key }) => (
      <span className="key mono" title={key}>
        {key}
      </span>
    ),
  },
  { head: 'Size', as: 'num', cell: ({ size }) => bytes(size) },
  { head: 'Type', cell: ({ contentType }) => contentType && <span className="text-ink-2">{contentType}</span> },
  {
    head: 'Changed',
    as: 'num',
    cell: ({ lastModified }) =>
      lastModified && (
        <span className="text-ink-2">
          <Ago time={lastModified} />
        </span>
      ),
  },
]

type Page = NonNullable<ObjectPageQuery['bucket']>['objects']
type TableProps = {
  readonly page: Page
  readonly first: boolean
  readonly onFirst: () => void
  readonly onNext: (cursor: string) => void
}

function ObjectTable({ page, first, onFirst, onNext }: TableProps) {
  const { hasNextPage, endCursor } = page.pageInfo
  return (
    <>
      <Table label="Objects" columns={columns} items={page.nodes} keyOf={(object) => object.key} />
      <div className="mt-2 flex gap-2">
        {!first && (
          <button type="button" className="btn small" onClick={onFirst}>
            First page
          </button>
        )}
        {hasNextPage && endCursor !== null && (
          <button type="button" className="btn small" onClick={() => onNext(endCursor)}>
            Next page
          </button>
        )}
      </div>
    </>
  )
}
