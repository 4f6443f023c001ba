// Durations in words, for console and commands alike. A policy's value is said whole: nothing is rounded away.

const units = [
  { seconds: 86_400, one: 'day', many: 'days' },
  { seconds: 3_600, one: 'h', many: 'h' },
  { seconds: 60, one: 'min', many: 'min' },
] as const

/** From here on seconds are no unit that people read. */
const readable = 3_600

/** `300 s`, `2 h 30 min`, `7 days`. `space` stands between a number and its unit. */
export function durationWords(seconds: number, space = ' '): string {
  if (seconds < readable) return `${seconds}${space}s`
  let left = seconds
  const parts: string[] = []
  for (const { seconds: unit, one, many } of units) {
    const whole = Math.floor(left / unit)
    left -= whole * unit
    if (whole > 0) parts.push(`${whole}${space}${whole === 1 ? one : many}`)
  }
  // A sum of fractions has more digits than anybody typed.
  const rest = Math.round(left * 1000) / 1000
  if (rest > 0) parts.push(`${rest}${space}s`)
  return parts.join(' ')
}

/** The same of an estimate or an age, of which nobody wants to know the seconds of a day: rounded up. */
export const roughDuration = (seconds: number): string =>
  durationWords(seconds < readable ? Math.ceil(seconds) : Math.ceil(seconds / 60) * 60)

/** The units that a duration can be typed in, and how many seconds each has. */
export const durationUnits = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 } as const
export type DurationUnit = keyof typeof durationUnits

/** In which unit people would type it: the largest that has it whole, and seconds while they can be read. */
export function typedUnit(seconds: number): DurationUnit {
  if (seconds < readable) return 'seconds'
  return (['days', 'hours', 'minutes'] as const).find((unit) => seconds % durationUnits[unit] === 0) ?? 'seconds'
}

const spelled: Readonly<Record<string, number>> = { d: 86_400, day: 86_400, days: 86_400, h: 3_600, min: 60, s: 1 }
const part = /(\d+(?:\.\d+)?)\s*([a-z]+)/g

/** `7d`, `7 days`, `1 h 30 min` in seconds; undefined for anything else, a bare number too. */
export function parseDuration(text: string): number | undefined {
  const parts = [...text.matchAll(part)]
  if (parts.length === 0 || text.replaceAll(part, '').trim() !== '') return undefined
  let sum = 0
  for (const [, figure, unit = ''] of parts) {
    const seconds = spelled[unit]
    if (seconds === undefined) return undefined
    sum += Number(figure) * seconds
  }
  return sum
}
