import { memo } from 'react'
import { cut } from '../../_lib/cut-text.ts'
import type { Focus } from '../../_lib/topology/focus.ts'
import type { RingMark } from '../../_lib/topology/marks.ts'
import { mostSecond, type RingLabel, secondLine } from '../../_lib/topology/ring-labels.ts'

type Props = {
  readonly label: RingLabel
  readonly mark: RingMark
  readonly faded: boolean
  readonly onPoint: (focus: Focus) => void
  readonly onChoose: (focus: Focus) => void
}

/** The name of a cluster beside its segment, which says the same to who does not see it. */
export const RingName = memo(function RingName({ label, mark, faded, onPoint, onChoose }: Props) {
  const focus: Focus = { cluster: mark.name }
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus
    <g
      className={faded ? 'label faded' : 'label'}
      aria-hidden="true"
      transform={`translate(${label.x} ${label.y}) rotate(${label.turn})`}
      onPointerEnter={() => onPoint(focus)}
      onPointerLeave={() => onPoint(null)}
      onClick={() => onChoose(focus)}
    >
      <text className="name" textAnchor={label.anchor} dy={label.turn === 0 ? 0 : 4}>
        {label.text}
      </text>
      {label.second && mark.second !== '' && (
        <text className={`second ${mark.sign?.tone ?? ''}`} textAnchor={label.anchor} y={secondLine}>
          {cut(mark.second, mostSecond, 0)}
        </text>
      )}
    </g>
  )
})
