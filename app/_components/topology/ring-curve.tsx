import { memo } from 'react'
import type { Focus } from '../../_lib/topology/focus.ts'
import type { Curve } from '../../_lib/topology/ring-curves.ts'
import { type RingLink, toneOf } from '../../_lib/topology/ring-links.ts'
import { flowWords } from '../../_lib/topology/words.ts'

type Props = {
  readonly curve: Curve
  readonly link: RingLink
  readonly width: number
  /** Dashes run along it, if anything does. */
  readonly moves: boolean
  readonly faded: boolean
  readonly chosen: boolean
  readonly onPoint: (focus: Focus) => void
  readonly onChoose: (focus: Focus) => void
}

/** A link: as wide as it is fast, its head at the cluster that gets the copies. The pointer alone reaches it; the table has it for keys. */
export const RingCurve = memo(function RingCurve({
  curve,
  link,
  width,
  moves,
  faded,
  chosen,
  onPoint,
  onChoose,
}: Props) {
  const look = [`flow ${toneOf(link)}`, link.state, faded ? 'faded' : '', chosen ? 'chosen' : ''].join(' ')
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus
    <g
      className={look}
      aria-hidden="true"
      data-link={link.id}
      onPointerEnter={() => onPoint({ link: link.id })}
      onPointerLeave={() => onPoint(null)}
      onClick={() => onChoose(chosen ? null : { link: link.id })}
    >
      <title>{`${link.id}: ${flowWords(link)}`}</title>
      <path className="hit" d={curve.line} />
      <path className="line" d={curve.line} strokeWidth={width} />
      {moves && link.state === 'flowing' && <path className="dash" d={curve.line} strokeWidth={Math.min(2.5, width)} />}
      <path className="tip" d={curve.head} />
    </g>
  )
})
