import { arc } from 'd3-shape'
import { memo } from 'react'
import type { CallBar } from '../../_lib/topology/calls.ts'
import type { Focus } from '../../_lib/topology/focus.ts'
import { pointAt, type Segment } from '../../_lib/topology/geometry.ts'
import type { RingMark } from '../../_lib/topology/marks.ts'
import type { Ring } from '../../_lib/topology/ring-layout.ts'
import { SignGlyph } from '../shared/glyph.tsx'

type Props = {
  readonly ring: Ring
  readonly segment: Segment
  readonly mark: RingMark
  readonly bar: CallBar | undefined
  readonly faded: boolean
  readonly chosen: boolean
  /** The tab key stops here. */
  readonly isStop: boolean
  readonly onPoint: (focus: Focus) => void
  readonly onChoose: (focus: Focus) => void
}

type Band = {
  readonly innerRadius: number
  readonly outerRadius: number
  readonly startAngle: number
  readonly endAngle: number
}
const band = arc<Band>().cornerRadius(2)
const glyphSize = 16

export const RingCluster = memo(function RingCluster(props: Props) {
  const { ring, segment, mark, bar, faded, chosen, isStop, onPoint, onChoose } = props
  const focus: Focus = { cluster: mark.name }
  const choose = () => onChoose(chosen ? null : focus)
  const look = ['cluster', mark.ground, faded ? 'faded' : '', chosen ? 'chosen' : ''].join(' ')
  const middle = (ring.inner + ring.outer) / 2
  const room = (segment.to - segment.from) * middle
  const glyph = pointAt(middle, segment.mid)
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button
    <g
      className={look}
      role="button"
      tabIndex={isStop ? 0 : -1}
      aria-label={mark.words}
      aria-pressed={chosen}
      data-cluster={mark.name}
      onPointerEnter={() => onPoint(focus)}
      onPointerLeave={() => onPoint(null)}
      onFocus={() => onPoint(focus)}
      onBlur={() => onPoint(null)}
      onClick={choose}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return
        event.preventDefault()
        choose()
      }}
    >
      <path className="hit" d={between(segment, ring.inner, ring.bars.outer)} />
      <path className="seg" d={between(segment, ring.inner, ring.outer)} />
      {mark.sign !== null && room >= glyphSize - 2 && (
        <svg
          x={glyph.x - glyphSize / 2}
          y={glyph.y - glyphSize / 2}
          width={glyphSize}
          height={glyphSize}
          viewBox={`0 0 ${glyphSize} ${glyphSize}`}
          aria-hidden="true"
        >
          <SignGlyph mark={mark.sign} />
        </svg>
      )}
      {mark.called && <path className="called" d={towards(ring.bars.inner, segment.mid)} />}
      {bar && <Bar bar={bar} bars={mark.called ? aboveArrow(ring.bars) : ring.bars} segment={segment} />}
    </g>
  )
})

const between = ({ from, to }: Pick<Segment, 'from' | 'to'>, innerRadius: number, outerRadius: number): string =>
  band({ innerRadius, outerRadius, startAngle: from, endAngle: to }) ?? ''

const barWidth = 10
const leastBar = 2

const aboveArrow = ({ inner, outer }: Ring['bars']): Ring['bars'] => ({ inner: inner + arrow.length + 1, outer })

type BarProps = { readonly bar: CallBar; readonly bars: Ring['bars']; readonly segment: Segment }

/** Calls of the cluster; those that failed are the part next to the ring. */
function Bar({ bar, bars: { inner, outer }, segment }: BarProps) {
  const half = Math.min((segment.to - segment.from) / 2, barWidth / 2 / inner)
  const wedge = { from: segment.mid - half, to: segment.mid + half }
  const end = inner + Math.max(leastBar, bar.length * (outer - inner))
  return (
    <>
      <path className="calls" d={between(wedge, inner, end)} />
      {bar.failed > 0 && (
        <path className="calls failed" d={between(wedge, inner, inner + (end - inner) * bar.failed)} />
      )}
    </>
  )
}

const arrow = { length: 9, half: 3.5 }

/** A small arrow towards the ring, from outside of this radius. */
function towards(radius: number, angle: number): string {
  const foot = radius + arrow.length
  const [tip, left, right] = [
    pointAt(radius, angle),
    pointAt(foot, angle - arrow.half / foot),
    pointAt(foot, angle + arrow.half / foot),
  ]
  return `M${tip.x} ${tip.y}L${left.x} ${left.y}L${right.x} ${right.y}Z`
}
