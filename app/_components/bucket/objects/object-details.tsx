'use client'
import type { ReactNode } from 'react'
import { useQuery } from 'urql'
import { ObjectDetailsDocument, type ObjectDetailsQuery } from '../../../../graphql/generated/operations.ts'
import { bytes, count, moment } from '../../../_lib/format.ts'
import { visible } from '../../../_lib/objects.ts'
import { ActButton } from '../../shared/act-button.tsx'
import { Glyph } from '../../shared/glyph.tsx'
import { Overlay } from '../../shared/overlay.tsx'
import { Problem } from '../../shared/problem.tsx'
import { SkeletonTable } from '../../shared/skeleton.tsx'
import { CopyLink } from './copy-link.tsx'
import { useDownload } from './use-download.ts'

type Props = {
  readonly bucket: string
  readonly objectKey: string
  readonly onDelete: () => void
  readonly onClose: () => void
}

/** All that is known of one object, asked of its store now. */
export function ObjectDetails({ bucket, objectKey, onDelete, onClose }: Props) {
  const [{ data, error }, again] = useQuery({
    query: ObjectDetailsDocument,
    variables: { name: bucket, key: objectKey },
    requestPolicy: 'network-only',
  })
  const download = useDownload(bucket)
  const object = data?.bucket?.object
  return (
    <Overlay title={<code className="key-title">{visible(objectKey)}</code>} kind="drawer" onClose={onClose}>
      <div className="body">
        {error ? (
          <Problem error={error} what="The object" onRetry={() => again({ requestPolicy: 'network-only' })} />
        ) : data === undefined ? (
          <SkeletonTable columns={['Fact']} rows={5} />
        ) : object ? (
          <>
            <div className="flex flex-wrap gap-2">
              <button type="button" className="btn primary" onClick={() => download(objectKey)}>
                Download
              </button>
              <CopyLink bucket={bucket} objectKey={objectKey} />
              <ActButton className="btn" onClick={onDelete}>
                Delete
              </ActButton>
            </div>
            <Facts object={object} />
          </>
        ) : (
          <p className="text-ink-2">There is no such object any more.</p>
        )}
      </div>
    </Overlay>
  )
}

type Details = NonNullable<NonNullable<ObjectDetailsQuery['bucket']>['object']>

function Facts({ object }: { readonly object: Details }) {
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['size', `${bytes(object.size)} (${count(object.size)} bytes)`],
    ['type', object.contentType ?? 'not said'],
    ['changed', moment(object.lastModified)],
    ['ETag', <code key="etag">{object.etag}</code>],
  ]
  return (
    <>
      <List title="Object" rows={facts} />
      {object.metadata.length > 0 && (
        <List title="Metadata" rows={object.metadata.map(({ name, value }) => [name, value])} />
      )}
      {object.tags.length > 0 && <List title="Tags" rows={object.tags.map(({ key, value }) => [key, value])} />}
      <List
        title="Where it is"
        rows={object.copies.map(({ storageDeployment: { name }, isMaster, inSync, from }) => [
          name,
          <span key={name} className="inline-flex items-center gap-1">
            <Glyph name={isMaster ? 'master' : inSync ? 'sync' : 'pending'} />
            {isMaster ? 'master' : inSync ? 'in sync' : 'does not have this version yet'}
            {inSync && from && <span className="dim">copied from {from.name}</span>}
          </span>,
        ])}
      />
    </>
  )
}

function List({ title, rows }: { readonly title: string; readonly rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <dl className="facts">
        {rows.map(([head, value]) => (
          <div key={head} className="contents">
            <dt>{head}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
