import { perSecond, sparkPoints } from '../../_lib/calls.ts'

const [width, height] = [120, 24]

/** Calls of the last minute. */
export const Sparkline = ({ recent, what }: { readonly recent: readonly number[]; readonly what: string }) => (
  <svg
    className="spark"
    role="img"
    aria-label={`${what} in the last minute: at most ${perSecond(Math.max(...recent, 0))}`}
    viewBox={`-1 -1 ${width + 2} ${height + 2}`}
    preserveAspectRatio="none"
  >
    <polyline points={sparkPoints(recent, width, height)} />
  </svg>
)
