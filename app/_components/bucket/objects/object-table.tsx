'use client'
import type { FolderQuery } from '../../../../graphql/generated/operations.ts'
import { bytes } from '../../../_lib/format.ts'
import { visible } from '../../../_lib/objects.ts'
import { ActButton } from '../../shared/act-button.tsx'
import { Ago } from '../../shared/ago.tsx'
import { Icon } from '../../shared/icon.tsx'
import { type Column, Table } from '../../shared/table.tsx'
import { useDownload } from './use-download.ts'

export const columns = ['Name', 'Size', 'Type', 'Changed']

type FolderPage = NonNullable<FolderQuery['bucket']>['folder']
type FolderEntry = FolderPage['nodes'][number]

type Props = {
  readonly bucket: string
  readonly page: FolderPage
  readonly chosen: ReadonlySet<string>
  readonly first: boolean
  readonly onChoose: (chosen: ReadonlySet<string>) => void
  readonly onEnter: (prefix: string) => void
  readonly onOpen: (key: string) => void
  readonly onDelete: (key: string) => void
  /** Null: the first one. */
  readonly onPage: (cursor: string | null) => void
}

export function ObjectTable(props: Props) {
  const { page, first, onPage } = props
  const { hasNextPage, endCursor } = page.pageInfo
  const download = useDownload(props.bucket)
  return (
    <>
      <Table label="Objects" columns={columnsOf(props, download)} items={page.nodes} keyOf={({ key }) => key} />
      <div className="mt-2 flex gap-2">
        {!first && (
          <button type="button" className="btn small" onClick={() => onPage(null)}>
            First page
          </button>
        )}
        {hasNextPage && endCursor !== null && (
          <button type="button" className="btn small" onClick={() => onPage(endCursor)}>
            Next page
          </button>
        )}
      </div>
    </>
  )
}

function columnsOf(
  { chosen, onChoose, onEnter, onOpen, onDelete }: Props,
  download: (key: string) => void,
): readonly Column<FolderEntry>[] {
  const toggle = (key: string) => {
    const next = new Set(chosen)
    if (!next.delete(key)) next.add(key)
    onChoose(next)
  }
  const shown = ({ key, name }: FolderEntry) => visible(name === '' ? key : name)
  return [
    {
      head: 'Name',
      cell: (entry) =>
        entry.object === null ? (
          <button type="button" className="name mono" title={entry.key} onClick={() => onEnter(entry.key)}>
            <Icon name="folder" />
            <span className="key">{shown(entry)}</span>
          </button>
        ) : (
          <span className="name mono">
            <input
              type="checkbox"
              aria-label={`Choose ${shown(entry)}`}
              checked={chosen.has(entry.key)}
              onChange={() => toggle(entry.key)}
            />
            <button type="button" className="key" title={entry.key} onClick={() => onOpen(entry.key)}>
              {shown(entry)}
            </button>
          </span>
        ),
    },
    { head: 'Size', as: 'num', cell: ({ object }) => object && bytes(object.size) },
    {
      head: 'Type',
      cell: ({ object }) => object?.contentType && <span className="text-ink-2">{object.contentType}</span>,
    },
    {
      head: 'Changed',
      as: 'num',
      cell: ({ object }) =>
        object?.lastModified && (
          <span className="text-ink-2">
            <Ago time={object.lastModified} />
          </span>
        ),
    },
    {
      head: 'What can be done',
      as: 'act',
      cell: (entry) =>
        entry.object && (
          <span className="inline-flex gap-1">
            <button
              type="button"
              className="btn quiet square"
              aria-label={`Download ${shown(entry)}`}
              onClick={() => download(entry.key)}
            >
              <Icon name="download" />
            </button>
            <ActButton
              className="btn quiet square"
              aria-label={`Delete ${shown(entry)}`}
              onClick={() => onDelete(entry.key)}
            >
              <Icon name="trash" />
            </ActButton>
          </span>
        ),
    },
  ]
}
