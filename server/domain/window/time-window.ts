// Times of the week, as people give them: `22:00-06:00 Europe/Berlin`, `Mon-Fri 20:00-06:00, Sat-Sun 00:00-24:00`.
import { dayMinutes, knownZone, timeWords, weekDays, weekMinutes } from './wall-clock.ts'

/** Minutes since Monday 00:00, the first in it, the last not; `to` may lie in the next week. */
export type Span = { readonly from: number; readonly to: number }

export type TimeWindow = {
  readonly spans: readonly Span[]
  /** Whose clocks are meant. */
  readonly zone: string
  /** As it is written in one way only. */
  readonly text: string
}

const example = '22:00-06:00 Europe/Berlin'
const mostSpans = 20
export const longestWindow = 400

const dayNames = '(mon|tue|wed|thu|fri|sat|sun)'
const part = new RegExp(`^(?:${dayNames}(?:-${dayNames})?\\s+)?(\\d\\d?):(\\d\\d)\\s*-\\s*(\\d\\d?):(\\d\\d)$`, 'i')

/** Minutes since midnight; undefined: there is no such time. 24:00 is the end of a day. */
function minutesOf(hours: string | undefined, minutes: string | undefined): number | undefined {
  const time = Number(hours) * 60 + Number(minutes)
  return Number(minutes) < 60 && time <= dayMinutes ? time : undefined
}

const dayOf = (name: string): number => weekDays.findIndex((day) => day.toLowerCase() === name.toLowerCase())

type Times = { readonly days: readonly number[]; readonly text: string; readonly from: number; readonly length: number }

/** Returns what is wrong with it in place of the times. */
function timesOf(text: string): Times | string {
  const found = part.exec(text)
  if (found === null) return `holds "${text}", which is not a time such as 22:00-06:00 or Mon-Fri 22:00-06:00`
  const [, first, last = first] = found
  const [from, to] = [minutesOf(found[3], found[4]), minutesOf(found[5], found[6])]
  if (from === undefined || to === undefined || from === dayMinutes)
    return `holds "${text}": times are from 00:00 to 24:00`
  if (from === to) return `holds "${text}", which has no length: the whole day is 00:00-24:00`
  const begin = first === undefined ? 0 : dayOf(first)
  const count = first === undefined || last === undefined ? 7 : ((dayOf(last) - begin + 7) % 7) + 1
  const days = Array.from({ length: count }, (_, i) => (begin + i) % 7)
  const named = first === undefined ? '' : `${weekDays[begin]}${count === 1 ? '' : `-${weekDays[days.at(-1) ?? 0]}`} `
  const length = to > from ? to - from : to - from + dayMinutes
  return { days, from, length, text: `${named}${timeWords(from)}-${timeWords(to)}` }
}

/**
 * Windows with commas between them, each a time and before it the days on which it begins, if not all; after them the zone, if not
 * UTC. One that ends before it begins goes on into the next day. Returns what is wrong in place of the window; it goes on after the
 * policy's name.
 */
export function readWindow(text: string): TimeWindow | string {
  if (text.trim() === '' || text.length > longestWindow)
    return `must be times of up to ${longestWindow} characters, such as ${example}`
  const zoned = /^(.*\d)\s+([^\s\d,][^\s,]*)$/.exec(text.trim())
  const named = zoned?.[2] ?? 'UTC'
  const zone = knownZone(named)
  if (zone === undefined) return `names the time zone ${named}, which is not known: one is Europe/Berlin`
  const parts = (zoned?.[1] ?? text).split(',').map((one) => one.trim())
  if (parts.length > mostSpans) return `must be at most ${mostSpans} times`
  const times: Times[] = []
  for (const one of parts) {
    const found = timesOf(one)
    if (typeof found === 'string') return found
    times.push(found)
  }
  const spans = times.flatMap(({ days, from, length }) =>
    days.map((day) => ({ from: day * dayMinutes + from, to: day * dayMinutes + from + length })),
  )
  return { spans, zone, text: `${times.map((one) => one.text).join(', ')} ${zone}` }
}

export const isOpenAtMinute = ({ spans }: TimeWindow, minute: number): boolean =>
  spans.some(({ from, to }) => (minute >= from && minute < to) || minute + weekMinutes < to)
