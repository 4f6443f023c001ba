// What the clocks on the wall show in a time zone, by the zone data that the runtime has (Intl). Instants are milliseconds since 1970.

const formats = new Map<string, Intl.DateTimeFormat>()

/** Throws where there is no such zone. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  formats.set(zone, format)
  return format
}

/**
 * A name of the IANA data base, such as `Europe/Berlin`, or `UTC`, in whatever case; no bare offset, for that knows no summer time.
 * Undefined: there is no such zone.
 */
export function knownZone(text: string): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{1,63}$/.test(text)) return undefined
  try {
    const { timeZone } = formatOf(text).resolvedOptions()
    // Of two names for one zone people read the one that they typed.
    return timeZone.toLowerCase() === text.toLowerCase() ? timeZone : text
  } catch {
    return undefined
  }
}

/** How many minutes the clocks there are ahead of UTC. */
export function offsetAt(zone: string, at: number): number {
  const name = formatOf(zone)
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')?.value
  const [, sign, hours = 0, minutes = 0] = /^GMT(?:([+-])(\d\d):(\d\d))?/.exec(name ?? '') ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

export const minuteMs = 60_000
export const dayMinutes = 1_440
export const weekMinutes = 7 * dayMinutes
export const weekDays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const
/** 1 January 1970 was a Thursday. */
const firstDay = 3

/** Minutes since Monday 00:00, as the clocks show them. */
export function minuteOfWeek(zone: string, at: number): number {
  const minutes = Math.floor(at / minuteMs) + offsetAt(zone, at) + firstDay * dayMinutes
  return ((minutes % weekMinutes) + weekMinutes) % weekMinutes
}

const two = (figure: number): string => String(figure).padStart(2, '0')

/** Of minutes since a midnight: `22:00`. */
export const timeWords = (minutes: number): string => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`

/** `22:00 (Europe/Berlin)`, and with its day where that is a day or more from now: `Sat 00:00 (Europe/Berlin)`. */
export function clockWords(zone: string, at: number, now: number): string {
  const minute = minuteOfWeek(zone, at)
  const far = at - now >= dayMinutes * minuteMs
  const day = far ? `${weekDays[Math.floor(minute / dayMinutes)]} ` : ''
  return `${day}${timeWords(minute % dayMinutes)} (${zone})`
}
