'use client'
import { useState } from 'react'
import { useQuery } from 'urql'
import { FolderDocument } from '../../../../graphql/generated/operations.ts'
import { count, plural } from '../../../_lib/format.ts'
import { ActButton } from '../../shared/act-button.tsx'
import { Problem } from '../../shared/problem.tsx'
import { SkeletonTable } from '../../shared/skeleton.tsx'
import { DeleteObjects } from './delete-objects.tsx'
import { DropZone } from './drop-zone.tsx'
import { ObjectDetails } from './object-details.tsx'
import { columns, ObjectTable } from './object-table.tsx'
import { Trail } from './trail.tsx'
import { UploadButton } from './upload-button.tsx'
import { UploadList } from './upload-list.tsx'
import { useFolder } from './use-folder.ts'

const pageSize = 25

type Props = {
  readonly bucket: string
  /** How many there are; null before the master was looked at. */
  readonly total: number | null
  /** Why nothing may be sent to it; null: it may. */
  readonly closed: string | null
}

/** The objects at the master as folders: looked through, got, sent and deleted. */
export function Objects({ bucket, total, closed }: Props) {
  const [folder, goTo] = useFolder()
  const [filter, setFilter] = useState('')
  const [after, setAfter] = useState<string | null>(null)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [opened, setOpened] = useState<string | null>(null)
  const [deleting, setDeleting] = useState<readonly string[] | null>(null)
  const [{ data, error, fetching, stale }, again] = useQuery({
    query: FolderDocument,
    variables: { name: bucket, prefix: folder + filter, first: pageSize, after },
  })
  const refresh = () => again({ requestPolicy: 'network-only' })
  const show = (cursor: string | null) => {
    setAfter(cursor)
    setChosen(new Set())
  }
  const enter = (prefix: string) => {
    goTo(prefix)
    setFilter('')
    show(null)
  }
  const page = data?.bucket?.folder
  const empty = page?.nodes.length === 0
  return (
    <DropZone bucket={bucket} folder={folder} closed={closed}>
      <header>
        <h2 id="h-objects">Objects</h2>
        <span className="dim">{total !== null && count(total)}</span>
        <span className="ml-auto flex flex-wrap gap-2">
          {chosen.size > 0 && (
            <ActButton className="btn small" onClick={() => setDeleting([...chosen])}>
              Delete {plural(chosen.size, 'object')}
            </ActButton>
          )}
          <button type="button" className="btn quiet small" disabled={fetching} onClick={refresh}>
            Look again
          </button>
          <UploadButton bucket={bucket} folder={folder} closed={closed} />
        </span>
      </header>
      <div className="head">
        <Trail bucket={bucket} prefix={folder} onGo={enter} />
        <input
          className="input mono ml-auto w-56 max-w-full"
          type="search"
          aria-label="Filter objects by prefix"
          placeholder={folder === '' ? 'Prefix, like 2026/' : 'Prefix in this folder'}
          autoComplete="off"
          spellCheck={false}
          value={filter}
          onChange={(event) => {
            setFilter(event.target.value)
            show(null)
          }}
        />
      </div>
      <UploadList bucket={bucket} />
      {error && !page ? (
        <Problem error={error} what="The objects" onRetry={refresh} />
      ) : !page ? (
        <SkeletonTable columns={columns} rows={4} />
      ) : empty && !stale ? (
        <p className="text-ink-2">{emptyWords(folder, filter, closed)}</p>
      ) : (
        <ObjectTable
          bucket={bucket}
          page={page}
          chosen={chosen}
          first={after === null}
          onChoose={setChosen}
          onEnter={enter}
          onOpen={setOpened}
          onDelete={(key) => setDeleting([key])}
          onPage={show}
        />
      )}
      {opened !== null && (
        <ObjectDetails
          bucket={bucket}
          objectKey={opened}
          onDelete={() => setDeleting([opened])}
          onClose={() => setOpened(null)}
        />
      )}
      {deleting !== null && (
        <DeleteObjects
          bucket={bucket}
          keys={deleting}
          onDone={() => {
            setChosen(new Set())
            setOpened(null)
          }}
          onClose={() => setDeleting(null)}
        />
      )}
    </DropZone>
  )
}

function emptyWords(folder: string, filter: string, closed: string | null): string {
  if (filter !== '') return 'No key begins so.'
  if (folder !== '') return 'Nothing is in this folder.'
  return closed === null
    ? 'No object yet: upload some, or put one on the master store.'
    : 'No object yet: put one on the master store.'
}
