import type { BucketPartsFragment, RingClusterFragment } from '../../../graphql/generated/operations.ts'
import { legendOf } from '../../_lib/cells.ts'
import { fleetLegend } from '../../_lib/topology/marks.ts'
import { SignGlyph } from '../shared/glyph.tsx'

type Props = {
  readonly bucket: BucketPartsFragment | null
  readonly clusters: readonly RingClusterFragment[]
  readonly hasCalls: boolean
}

/** How the ring is read. */
export function TopologyLegend({ bucket, clusters, hasCalls }: Props) {
  return (
    <section className="order-5" aria-labelledby="h-legend">
      <header>
        <h2 id="h-legend">How to read it</h2>
      </header>
      <div className="legend">
        <span>
          <svg className="ring-key" viewBox="0 0 28 16" aria-hidden="true">
            <path className="key-link" d="M0 8h20" />
            <path className="key-tip" d="M28 8l-9 5V3z" />
          </svg>
          copies on their way; the wider, the faster
        </span>
        <span>
          <svg className="ring-key" viewBox="0 0 28 16" aria-hidden="true">
            <path className="key-idle" d="M0 8h28" />
          </svg>
          a link that is idle
        </span>
        <span>
          <svg className="ring-key" viewBox="0 0 28 16" aria-hidden="true">
            <rect className="key-down" x="2" y="3" width="24" height="10" rx="2" />
          </svg>
          cluster whose store is down
        </span>
        {hasCalls && (
          <span>
            <svg className="ring-key" viewBox="0 0 28 16" aria-hidden="true">
              <path className="key-calls" d="M6 15V9M14 15V2M22 15V6" />
            </svg>
            calls a second, those that failed red
          </span>
        )}
        {bucket && (
          <span>
            <svg className="ring-key" viewBox="0 0 28 16" aria-hidden="true">
              <path className="key-called" d="M14 13l-6-10h12z" />
            </svg>
            its calls go there
          </span>
        )}
        {(bucket ? legendOf([bucket], clusters) : fleetLegend(clusters)).map((mark) => (
          <span key={mark.word}>
            <SignGlyph mark={mark} />
            {mark.word}
          </span>
        ))}
      </div>
    </section>
  )
}
