// How late changes came, as the console tells of it.
import type { ConformancePartsFragment } from '../../graphql/generated/operations.ts'
import { allOf, count, duration, plural } from './format.ts'
import { name, type Parts, say, stress } from './parts.ts'
import { reasonSentence } from './sentence.ts'

const hard = '\u00a0'

/** Two digits behind the point where there are any; 100 only for all of it. */
export const exactPercent = (share: number): string =>
  `${share >= 1 ? 100 : Math.floor(Math.max(0, share) * 10_000) / 100}${hard}%`

export const onTimeWords = ({ onTime, objectiveSeconds }: ConformancePartsFragment): string =>
  `${exactPercent(onTime)} within ${duration(objectiveSeconds)}`

/** "1st", "12th". */
function ordinal(day: number): string {
  const last = day % 10
  const ends = day > 10 && day < 14 ? 'th' : last === 1 ? 'st' : last === 2 ? 'nd' : last === 3 ? 'rd' : 'th'
  return `${day}${ends}`
}

const utcMonth = (time: Date): string => time.toISOString().slice(0, 7)
const monthWords = (month: string): string =>
  new Date(`${month}-01T00:00:00Z`).toLocaleDateString('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' })

/** "All 12 034 changes of this month came within 15 s, the slowest after 1.2 s." Months and days are UTC's. */
export function conformanceSentence(month: ConformancePartsFragment, now: Date): Parts {
  const { changes, onTime, objectiveSeconds, slowest } = month
  const when = month.month === utcMonth(now) ? 'this month' : `of ${monthWords(month.month)}`
  const limit = duration(objectiveSeconds)
  const late = changes - Math.round(changes * onTime)
  const day = ordinal(new Date(slowest.at).getUTCDate())
  if (late === 0)
    return say`${allOf(changes, 'change')} ${when} came within ${limit}, the slowest after ${duration(slowest.seconds)}.`
  return say`${stress(plural(late, 'change'))} of ${count(changes)} ${when} came later than ${limit}: the slowest, ${name(slowest.key)}, after ${duration(slowest.seconds)} on the ${day}. ${reasonSentence(slowest.cause)}`
}
