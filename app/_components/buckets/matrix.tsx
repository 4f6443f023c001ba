'use client'
import Link from 'next/link'
import { useState } from 'react'
import type { BucketPartsFragment, ClusterPartsFragment } from '../../../graphql/generated/operations.ts'
import { agedBucket } from '../../_lib/aged.ts'
import { refusedSign } from '../../_lib/bucket-attention.ts'
import { cellOf, cellWords } from '../../_lib/cells.ts'
import { cutMiddle } from '../../_lib/cut-text.ts'
import { bytes, count } from '../../_lib/format.ts'
import { clusterSign } from '../../_lib/health.ts'
import { bucketHref, clusterHref } from '../../_lib/hrefs.ts'
import { bucketSentence } from '../../_lib/words.ts'
import { SignGlyph } from '../shared/glyph.tsx'
import { Said } from '../shared/said.tsx'
import { ScrollTable } from '../shared/scroll-table.tsx'
import { useNow } from '../shell/use-now.ts'

/** Above so many clusters the cells are narrow, and say with their glyph alone. */
const wide = 8
/** Of a name that stands upright above them: what fits into its height (_styles/matrix.css). */
const uprightLetters = 16

type Props = {
  readonly buckets: readonly BucketPartsFragment[]
  readonly clusters: readonly ClusterPartsFragment[]
  /** With sizes and the line that says what the row under pointer or focus means. */
  readonly full?: boolean
}

/** Where each bucket lies: bucket x cluster. */
export function Matrix({ buckets: read, clusters, full = false }: Props) {
  const [on, setOn] = useState<string>()
  const now = useNow()
  const buckets = read.map((bucket) => agedBucket(bucket, now))
  const told = buckets.find((bucket) => bucket.id === on)
  return (
    <>
      <div className="matrix-wide">
        <ScrollTable label="Where each bucket lies">
          <table className={clusters.length > wide ? 'matrix many' : 'matrix'}>
            <thead>
              <tr>
                <th scope="col">Bucket</th>
                {clusters.map((cluster) => (
                  <ClusterHead key={cluster.id} cluster={cluster} narrow={clusters.length > wide} />
                ))}
                {full && (
                  <>
                    <th scope="col" className="r">
                      Objects
                    </th>
                    <th scope="col" className="r">
                      Size
                    </th>
                  </>
                )}
              </tr>
            </thead>
            <tbody>
              {buckets.map((bucket) => (
                <MatrixRow
                  key={bucket.id}
                  bucket={bucket}
                  clusters={clusters}
                  full={full}
                  on={full && bucket.id === on}
                  onPoint={setOn}
                />
              ))}
            </tbody>
          </table>
        </ScrollTable>
        {full && (
          <div className="status">
            <p aria-live="polite">
              {told ? (
                <>
                  <b className="mono mr-2 text-ink">{told.name}</b>
                  <Said parts={bucketSentence(told, clusters, now)} />
                </>
              ) : (
                'Point at a row to read it as a sentence.'
              )}
            </p>
          </div>
        )}
      </div>
      <ul className="rows">
        {buckets.map((bucket) => (
          <li key={bucket.id}>
            <Refused bucket={bucket} />
            <Link className="mono text-ink" href={bucketHref(bucket.name)}>
              {bucket.name}
            </Link>
            <Strip bucket={bucket} clusters={clusters} />
            <p>
              <Said parts={bucketSentence(bucket, clusters, now)} />
            </p>
          </li>
        ))}
      </ul>
    </>
  )
}

function ClusterHead({ cluster, narrow }: { readonly cluster: ClusterPartsFragment; readonly narrow: boolean }) {
  const mark = clusterSign(cluster)
  const ill = mark.tone === 'bad' || mark.tone === 'warn'
  const { name } = cluster
  return (
    <th scope="col" className={mark.tone === 'bad' ? 'c bad' : 'c'}>
      {ill && <SignGlyph mark={mark} label={mark.word} />}{' '}
      <Link href={clusterHref(name)} title={name} aria-label={name}>
        {narrow ? cutMiddle(name, uprightLetters, 0) : name}
      </Link>
    </th>
  )
}

function Refused({ bucket }: { readonly bucket: BucketPartsFragment }) {
  const mark = refusedSign(bucket)
  if (mark === null) return null
  return (
    <>
      <SignGlyph mark={mark} label={mark.word} />{' '}
    </>
  )
}

type RowProps = {
  readonly bucket: BucketPartsFragment
  readonly clusters: readonly ClusterPartsFragment[]
  readonly full: boolean
  readonly on: boolean
  readonly onPoint: (id: string) => void
}

function MatrixRow({ bucket, clusters, full, on, onPoint }: RowProps) {
  const narrow = clusters.length > wide
  return (
    <tr className={on ? 'on' : ''} onPointerEnter={() => onPoint(bucket.id)} onFocus={() => onPoint(bucket.id)}>
      <th scope="row">
        <Refused bucket={bucket} />
        <Link href={bucketHref(bucket.name)}>{bucket.name}</Link>
      </th>
      {clusters.map((cluster) => {
        const cell = cellOf(bucket, cluster)
        return (
          <td key={cluster.id} className={clusterSign(cluster).tone === 'bad' ? 'c lost' : 'c'}>
            {cell && <SignGlyph mark={cell} label={cellWords(cell, cluster.name)} />}
            {!narrow && cell?.hint && <span className="beside">{cell.hint}</span>}
          </td>
        )
      })}
      {full && (
        <>
          <td className="r">{bucket.stats && count(bucket.stats.objects)}</td>
          <td className="r">{bucket.stats && bytes(bucket.stats.bytes)}</td>
        </>
      )}
    </tr>
  )
}

function Strip({
  bucket,
  clusters,
}: {
  readonly bucket: BucketPartsFragment
  readonly clusters: readonly ClusterPartsFragment[]
}) {
  return (
    <div className="my-1 flex flex-wrap gap-x-3" aria-hidden="true">
      {clusters.map((cluster) => {
        const cell = cellOf(bucket, cluster)
        return (
          cell &&
          cell.glyph !== 'forbid' && (
            <span key={cluster.id} className="inline-flex items-center gap-1 text-xs text-ink-3">
              <SignGlyph mark={cell} />
              <span className="mono">{cluster.name}</span>
            </span>
          )
        )
      })}
    </div>
  )
}
