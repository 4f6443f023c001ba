import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readWindow, type TimeWindow } from '../../server/domain/window/time-window.ts'
import { minuteMs, timeWords, weekDays } from '../../server/domain/window/wall-clock.ts'
import { closedTime, windowAt } from '../../server/domain/window/window-at.ts'

/** Summer time that begins and ends at other hours, half hours, a change of half an hour, changes twice a spring, none at all. */
const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Asia/Kolkata']
/** Weeks around changes of the clocks in these zones, and one without any. */
const moments = [
  '2026-03-28',
  '2026-10-24',
  '2026-11-01',
  '2026-03-08',
  '2026-04-04',
  '2026-10-03',
  '2026-02-14',
  '2027-02-06',
  '2027-03-13',
  '2026-07-01',
]
const hour = 60 * minuteMs

const time = fc.integer({ min: 0, max: 1_439 })
const span = fc
  .tuple(fc.option(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }))), time, time)
  .filter(([, from, to]) => from !== to)
  .map(([days, from, to]) => ({ days, from, to }))
type Span = { readonly days: readonly [number, number] | null; readonly from: number; readonly to: number }

const textOf = ({ days, from, to }: Span): string =>
  `${days === null ? '' : `${weekDays[days[0]]}-${weekDays[days[1]]} `}${timeWords(from)}-${timeWords(to)}`

const given = fc.record({
  spans: fc.array(span, { minLength: 1, maxLength: 3 }),
  zone: fc.constantFrom(...zones),
  at: fc
    .tuple(fc.constantFrom(...moments), fc.integer({ min: 0, max: 4 * 24 * 3_600_000 }))
    .map(([day, ms]) => Date.parse(`${day}T00:00:00Z`) + ms),
})

const clocks = new Map(
  zones.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    }),
  ]),
)

/** What somebody sees who looks at a clock there, and knows nothing of how the window is kept. */
function openByTheClock(spans: readonly Span[], zone: string, at: number): boolean {
  const shown = Object.fromEntries((clocks.get(zone)?.formatToParts(at) ?? []).map(({ type, value }) => [type, value]))
  const day = (weekDays as readonly string[]).indexOf(String(shown['weekday']))
  const minute = Number(shown['hour']) * 60 + Number(shown['minute'])
  const begins = (days: Span['days'], on: number) =>
    days === null || (days[0] <= days[1] ? on >= days[0] && on <= days[1] : on >= days[0] || on <= days[1])
  return spans.some(({ days, from, to }) =>
    from < to
      ? begins(days, day) && minute >= from && minute < to
      : (begins(days, day) && minute >= from) || (begins(days, (day + 6) % 7) && minute < to),
  )
}
const windowOf = (text: string): TimeWindow => {
  const read = readWindow(text)
  if (typeof read === 'string') throw new Error(read)
  return read
}

test('a window is open when the clocks there say so, and changes at the moment that is told, not before', () => {
  fc.assert(
    fc.property(given, ({ spans, zone, at }) => {
      const window = windowOf(`${spans.map(textOf).join(', ')} ${zone}`)
      const { open, until } = windowAt(window, at)
      const shown = (when: number) => openByTheClock(spans, zone, when)
      expect(open).toBe(shown(at))
      const end = until ?? at + 8 * 24 * hour
      expect(end).toBeGreaterThan(at)
      // Often on the way, and in the minutes before the end.
      const other = []
      for (let when = at; when < end; when += 20 * minuteMs) if (shown(when) !== open) other.push(when)
      expect(other).toEqual([])
      for (let i = 1; i < 5 && end - i * minuteMs > at; i++) expect(shown(end - i * minuteMs)).toBe(open)
      if (until === null) return
      expect(shown(until)).toBe(!open)
      expect(shown(until - 1)).toBe(open)
    }),
    { numRuns: 250 },
  )
})

test('what is written is read as the same window, and the next closed time begins where it is open and ends where it opens', () => {
  fc.assert(
    fc.property(given, ({ spans, zone, at }) => {
      const window = windowOf(`${spans.map(textOf).join(' , ')}   ${zone.toLowerCase()}`)
      expect(windowOf(window.text)).toEqual(window)
      const closed = closedTime(window, at)
      if (closed === null) {
        expect(windowAt(window, at)).toEqual({ open: true, until: null })
        return
      }
      expect(windowAt(window, closed.from ?? at).open).toBe(false)
      if (closed.from !== null) expect(windowAt(window, closed.from - 1).open).toBe(true)
      if (closed.until !== null) expect(windowAt(window, closed.until).open).toBe(true)
    }),
    { numRuns: 200 },
  )
})
