// What the figures of calls are to people.
import type { CallFiguresFragment } from '../../graphql/generated/operations.ts'
import { duration } from './format.ts'

const hard = '\u00a0'

/** Two figures, or whole numbers. */
export const perSecond = (n: number): string =>
  `${n >= 100 ? Math.round(n).toString() : Number(n.toPrecision(2)).toString()}/s`

/** Of a quantile. */
export const waited = (ms: number | null): string =>
  ms === null ? '–' : ms < 1000 ? `${Math.round(ms)}${hard}ms` : duration(ms / 1000)

type Errors = Pick<CallFiguresFragment, 'functionErrors' | 'platformErrors' | 'keyErrors' | 'fadoErrors'>

export const whoseErrors = ({ functionErrors, platformErrors, keyErrors, fadoErrors }: Errors) =>
  [
    ['of functions', functionErrors],
    ['of platforms', platformErrors],
    ['of refused keys', keyErrors],
    ["of FaDO's", fadoErrors],
  ] as const

/** Of all of them. What was refused for what its caller did is no error. */
export const failures = (errors: Errors): number => whoseErrors(errors).reduce((sum, [, n]) => sum + n, 0)

/** Points of a polyline in a box of this size, the oldest on the left; a flat line at the bottom where nothing was. */
export function sparkPoints(values: readonly number[], width: number, height: number): string {
  const most = Math.max(...values, 0)
  const step = values.length < 2 ? 0 : width / (values.length - 1)
  const y = (value: number) => height - (most === 0 ? 0 : (value / most) * height)
  return values.map((value, i) => `${Math.round(i * step * 10) / 10},${Math.round(y(value) * 10) / 10}`).join(' ')
}
