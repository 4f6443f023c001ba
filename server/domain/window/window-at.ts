// Whether a window is open, and until when. It goes by what the clocks on the wall show: an hour that they leave out in spring is not
// there, and one that they show twice in autumn counts twice.
import { isOpenAtMinute, type TimeWindow } from './time-window.ts'
import { minuteMs, minuteOfWeek, offsetAt, weekMinutes } from './wall-clock.ts'

/** `until` null: it stays so. Milliseconds since 1970. */
export type WindowState = { readonly open: boolean; readonly until: number | null }

const isOpen = (window: TimeWindow, at: number): boolean => isOpenAtMinute(window, minuteOfWeek(window.zone, at))

/** What happens once a week may fall into an hour that the clocks leave out; it happens the week after. */
const searchMs = 15 * 24 * 60 * minuteMs

/** The next time at which a span begins or ends, if the clocks are not changed before. */
function nextEdge({ spans, zone }: TimeWindow, at: number): number {
  const minute = minuteOfWeek(zone, at)
  const minutes = spans
    .flatMap(({ from, to }) => [from, to])
    .map((edge) => (edge - minute + weekMinutes) % weekMinutes || weekMinutes)
  return Math.floor(at / minuteMs) * minuteMs + Math.min(...minutes) * minuteMs
}

/** When the clocks are changed, which they are between the two; to the minute. */
function clockChange(zone: string, from: number, to: number): number {
  const offset = offsetAt(zone, from)
  let [before, after] = [Math.floor(from / minuteMs), Math.floor(to / minuteMs)]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (offsetAt(zone, middle * minuteMs) === offset) before = middle
    else after = middle
  }
  return after * minuteMs
}

export function windowAt(window: TimeWindow, at: number): WindowState {
  const { zone } = window
  const open = isOpen(window, at)
  for (let from = at; from < at + searchMs; ) {
    const edge = nextEdge(window, from)
    from = offsetAt(zone, from) === offsetAt(zone, edge) ? edge : clockChange(zone, from, edge)
    if (isOpen(window, from) !== open) return { open, until: from }
  }
  return { open, until: null }
}

/** The time under way (`from` null) or next in which it is closed; null: it never is. */
export function closedTime(window: TimeWindow, at: number): { from: number | null; until: number | null } | null {
  const now = windowAt(window, at)
  if (!now.open) return { from: null, until: now.until }
  return now.until === null ? null : { from: now.until, until: windowAt(window, now.until).until }
}
