import { arc } from 'd3-shape'
import { useId } from 'react'
import { pointAt } from '../../_lib/topology/geometry.ts'
import type { ZoneShape } from '../../_lib/topology/ring-layout.ts'

const thin = 0.75
const line = arc<ZoneShape>()
  .innerRadius(({ radius }) => radius - thin)
  .outerRadius(({ radius }) => radius + thin)
  .startAngle(({ from }) => from)
  .endAngle(({ to }) => to)

/** Each zone as an arc over its clusters, with its name on it. */
export function RingZones({ zones }: { readonly zones: readonly ZoneShape[] }) {
  const id = useId()
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus
    <g className="zones" aria-hidden="true">
      {zones.map((zone) => {
        const key = `${zone.zone} ${zone.from.toFixed(3)}`
        return (
          <g key={key}>
            <title>{zone.zone}</title>
            <path className="arc" d={line(zone) ?? ''} />
            {zone.text !== null && (
              <>
                <path id={`${id}${key}`} d={underText(zone)} fill="none" />
                <text dy="4">
                  <textPath href={`#${id}${key}`} startOffset="50%" textAnchor="middle">
                    {zone.text}
                  </textPath>
                </text>
              </>
            )}
          </g>
        )
      })}
    </g>
  )
}

/** A circle that closes has no middle for a text. */
const almost = 0.001

/** The line that the name stands on; it is read from the left in the lower half, too. */
function underText({ radius, from, to }: ZoneShape): string {
  const end = Math.min(to, from + 2 * Math.PI - almost)
  const large = end - from > Math.PI ? 1 : 0
  const [a, b] = [pointAt(radius, from), pointAt(radius, end)]
  const isLow = Math.cos((from + end) / 2) < 0
  return isLow
    ? `M${b.x} ${b.y}A${radius} ${radius} 0 ${large} 0 ${a.x} ${a.y}`
    : `M${a.x} ${a.y}A${radius} ${radius} 0 ${large} 1 ${b.x} ${b.y}`
}
