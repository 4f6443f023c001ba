import { expect, test } from 'vitest'
import { hasRestarted } from '../../../../server/domain/fleet/restarted.ts'

const day = 86_400

test.each<[string, boolean, number, number | null]>([
  ['the first time that it tells', false, 5, null],
  ['it has run on', false, 65, 60],
  ['it has just begun', true, 1, 60],
  ['it began an hour ago, and nobody looked since', true, 3_600, 30 * day],
  ['clocks that part in a month by a minute', false, 30 * day - 60, 30 * day],
  ['another process behind the same address, older than the known one', false, 30 * day, 60],
  ['an answer that took its time', false, 59, 60],
])('%s: %j', (_, expected, uptime, known) => expect(hasRestarted(uptime, known)).toBe(expected))
