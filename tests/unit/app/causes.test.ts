import { expect, test } from 'vitest'
import { causeOf } from '../../../app/_lib/causes.ts'
import { reason } from './fixtures.ts'

test('all that holds a copy up is told, each with since when as clocks show it', () => {
  expect(causeOf({ causes: [] })).toBeNull()
  const down = { ...reason('STORE_UNREACHABLE', 'edge cannot be reached', 'edge'), since: '2026-11-25T03:02:25.856Z' }
  expect(causeOf({ causes: [down, reason('DELETES_BRAKED', 'The brake holds 3 deletes.')] })).toMatch(
    /^edge cannot be reached, since \d\d:\d\d:\d\d\. The brake holds 3 deletes$/,
  )
})
