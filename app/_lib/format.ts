// Numbers, sizes, durations and times as people read them. A thin space groups thousands, a no-break space holds the unit.
import { bytes as byteWords } from '../../server/byte-words.ts'

const thin = '\u202f'
const hard = '\u00a0'

export const count = (n: number): string => Math.round(n).toLocaleString('en-US').replaceAll(',', thin)

/** 1 -> "1 copy", 2 -> "2 copies". */
export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`

/** 1 -> "The one copy", 2 -> "Both copies", 3 -> "All 3 copies". */
export const allOf = (n: number, one: string, many = `${one}s`): string =>
  n === 1 ? `The one ${one}` : n === 2 ? `Both ${many}` : `All ${count(n)} ${many}`

/** "a", "a and b", "a, b and c". */
export const list = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`

/** See server/byte-words.ts: the commands spell sizes the same way. */
export const bytes = (n: number): string => byteWords(n, hard)

export const rate = (bytesPerSecond: number): string => `${bytes(bytesPerSecond)}/s`

/** A duration in its two largest units; whole seconds, tenths below one. */
export function duration(seconds: number): string {
  if (seconds > 0 && seconds < 0.95) return `${Math.max(0.1, Math.round(seconds * 10) / 10)}${hard}s`
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole}${hard}s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return join(minutes, 'min', whole % 60, 's')
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return join(hours, 'h', minutes % 60, 'min')
  return join(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

const join = (a: number, unitA: string, b: number, unitB: string) =>
  b === 0 ? `${a}${hard}${unitA}` : `${a}${hard}${unitA} ${b}${hard}${unitB}`

/** "just now", "12 s ago", "6 min ago", "3 h ago", "2 d ago": one unit. A clock of ours that is behind says "just now". */
export function age(then: string | Date, now: Date): string {
  const seconds = (now.getTime() - new Date(then).getTime()) / 1000
  return seconds < 2 ? 'just now' : `${roughly(seconds)} ago`
}

/** One unit, rounded down: 119 s is 1 min. */
export function roughly(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  if (whole < 60) return `${whole}${hard}s`
  if (whole < 3600) return `${Math.floor(whole / 60)}${hard}min`
  if (whole < 86_400) return `${Math.floor(whole / 3600)}${hard}h`
  return `${Math.floor(whole / 86_400)}${hard}d`
}

/** A share from 0 to 1 as a whole per cent, 100 only for all of it. */
export const percent = (share: number): string =>
  `${share >= 1 ? 100 : Math.min(99, Math.max(0, Math.floor(share * 100)))}${hard}%`

/** Date and time in the reader's own zone, for hovering over an age. */
export const moment = (time: string | Date): string =>
  new Date(time).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })

/** The time of day in the reader's own zone. */
export const clock = (time: string | Date): string => new Date(time).toLocaleTimeString('en-GB')

export const day = (time: string | Date): string => new Date(time).toLocaleDateString('en-GB', { dateStyle: 'medium' })
