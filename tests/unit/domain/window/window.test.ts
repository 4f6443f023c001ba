import { expect, test } from 'vitest'
import { clusterRate } from '../../../../server/domain/bandwidth/cluster-rate.ts'
import { readWindow } from '../../../../server/domain/window/time-window.ts'
import { clockWords } from '../../../../server/domain/window/wall-clock.ts'
import { windowAt } from '../../../../server/domain/window/window-at.ts'

const utc = (text: string) => Date.parse(`${text}:00Z`)
const until = (text: string, at: string) => {
  const read = readWindow(text)
  if (typeof read === 'string') throw new Error(read)
  const { open, until: end } = windowAt(read, utc(at))
  return [open, end === null ? null : new Date(end).toISOString().slice(0, 16)]
}

test.each([
  ['22:00-06:00', '22:00-06:00 UTC'],
  [' 22:00 - 6:00  europe/berlin ', '22:00-06:00 Europe/Berlin'],
  [
    'mon-FRI 20:00-06:00,sat-sun 0:00-24:00 America/New_York',
    'Mon-Fri 20:00-06:00, Sat-Sun 00:00-24:00 America/New_York',
  ],
  ['Sun-Sun 01:00-02:00 Etc/GMT+5', 'Sun 01:00-02:00 Etc/GMT+5'],
  ['22:00-06:00 Asia/Kolkata', '22:00-06:00 Asia/Kolkata'],
])('"%s" is kept as "%s"', (typed, kept) => {
  expect(readWindow(typed)).toMatchObject({ text: kept })
})

test.each([
  ['', 'must be times of up to 400 characters, such as 22:00-06:00 Europe/Berlin'],
  ['at night', 'holds "at night", which is not a time such as 22:00-06:00 or Mon-Fri 22:00-06:00'],
  ['22:00-06:00,', 'holds "", which is not a time such as 22:00-06:00 or Mon-Fri 22:00-06:00'],
  ['22:00-06:00 Europe/Nowhere', 'names the time zone Europe/Nowhere, which is not known: one is Europe/Berlin'],
  ['22:00-06:00 +02:00', 'names the time zone +02:00, which is not known: one is Europe/Berlin'],
  ['22:00-25:00', 'holds "22:00-25:00": times are from 00:00 to 24:00'],
  ['22:61-23:00', 'holds "22:61-23:00": times are from 00:00 to 24:00'],
  ['24:00-02:00', 'holds "24:00-02:00": times are from 00:00 to 24:00'],
  ['22:00-22:00', 'holds "22:00-22:00", which has no length: the whole day is 00:00-24:00'],
  [Array.from({ length: 21 }, () => '1:00-2:00').join(','), 'must be at most 20 times'],
  ['1:00-2:00,'.repeat(50), 'must be times of up to 400 characters, such as 22:00-06:00 Europe/Berlin'],
])('"%s" is refused with what is wrong', (typed, wrong) => {
  expect(readWindow(typed)).toBe(wrong)
})

test('a night ends in the next morning, that of Sunday in the next week', () => {
  expect(until('22:00-06:00', '2026-07-01T23:00')).toEqual([true, '2026-07-02T06:00'])
  expect(until('22:00-06:00', '2026-07-01T06:00')).toEqual([false, '2026-07-01T22:00'])
  expect(until('Sun 22:00-06:00', '2026-07-06T05:59')).toEqual([true, '2026-07-06T06:00'])
  expect(until('Mon-Fri 20:00-06:00, Sat-Sun 00:00-24:00', '2026-07-03T21:00')).toEqual([true, '2026-07-06T00:00'])
  expect(until('00:00-24:00', '2026-07-03T21:00')).toEqual([true, null])
})

test('the clocks decide: in spring a night is an hour shorter, and what they leave out is not there', () => {
  expect(until('22:00-06:00 Europe/Berlin', '2026-03-28T22:00')).toEqual([true, '2026-03-29T04:00'])
  expect(until('22:00-06:00 Europe/Berlin', '2026-10-24T22:00')).toEqual([true, '2026-10-25T05:00'])
  expect(until('02:30-06:00 Europe/Berlin', '2026-03-29T00:30')).toEqual([false, '2026-03-29T01:00'])
  expect(until('02:00-03:00 Europe/Berlin', '2026-03-29T00:30')).toEqual([false, '2026-03-30T00:00'])
  expect(until('Sun 02:15-02:45 Europe/Berlin', '2026-03-29T00:30')).toEqual([false, '2026-04-05T00:15'])
})

test('an hour that the clocks show twice in autumn counts twice', () => {
  expect(until('02:00-02:30 Europe/Berlin', '2026-10-25T00:00')).toEqual([true, '2026-10-25T00:30'])
  expect(until('02:00-02:30 Europe/Berlin', '2026-10-25T00:30')).toEqual([false, '2026-10-25T01:00'])
  expect(until('02:00-02:30 Europe/Berlin', '2026-10-25T01:00')).toEqual([true, '2026-10-25T01:30'])
})

test('a time is told as its clocks show it, with the day where that is not within one', () => {
  const now = utc('2026-07-01T10:00')
  expect(clockWords('Europe/Berlin', utc('2026-07-01T20:00'), now)).toBe('22:00 (Europe/Berlin)')
  expect(clockWords('UTC', utc('2026-07-04T00:00'), now)).toBe('Sat 00:00 (UTC)')
})

const night = { replication_window: '22:00-06:00 Europe/Berlin' }
const day = utc('2026-07-01T10:00')
const evening = utc('2026-07-01T20:00')

test('outside of a window nothing passes, or what may pass then and never more than the limit', () => {
  const at = (own: object, now: number) => clusterRate({ global: night, cluster: { ...own } }, now)
  expect(at({}, day)).toMatchObject({
    limit: null,
    closed: { from: null, until: evening },
    window: { open: false, until: evening },
  })
  expect(at({ bandwidth_outside_window: 100_000 }, day)).toMatchObject({ limit: 100_000, closed: null })
  expect(at({ bandwidth_outside_window: 100_000, bandwidth_limit: 70_000 }, day)).toMatchObject({ limit: 70_000 })
  expect(at({ bandwidth_outside_window: 100_000, bandwidth_limit: 700_000 }, evening)).toMatchObject({
    limit: 700_000,
    closed: null,
  })
  expect(at({ bandwidth_outside_window: 100_000 }, evening)).toMatchObject({ limit: null })
  expect(at({}, evening)).toMatchObject({
    limit: null,
    window: { open: true },
    closed: { from: utc('2026-07-02T04:00') },
  })
  expect(at({ replication_window: null, bandwidth_limit: 70_000 }, day)).toEqual({
    limit: 70_000,
    window: null,
    closed: null,
    costPerGb: 0,
  })
})
