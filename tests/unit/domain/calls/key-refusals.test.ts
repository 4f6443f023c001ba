// Which platforms refuse FaDO's key, from what calls were.
import { expect, test } from 'vitest'
import { keyRefusals } from '../../../../server/domain/calls/key-refusals.ts'
import { createTally, type ToldCall, tallyLimits } from '../../../../server/domain/calls/tally.ts'
import type { Whose } from '../../../../server/domain/calls/whose-error.ts'

function told(calls: readonly [deployment: string | null, whose: Whose | null, name?: string][]) {
  const tally = createTally(tallyLimits)
  for (const [deployment, whose, name = 'f'] of calls) {
    const call = { weight: 1, bucket: 'photos', function: name, ms: 1, retries: 0, status: whose === null ? 200 : 502 }
    tally.add({ ...call, deployment, whose } satisfies ToldCall)
  }
  return keyRefusals(tally.take())
}

test('one call that is refused says that the platform refuses, whatever it answers to others', () => {
  expect(
    told([
      ['aws', null],
      ['aws', 'key', 'g'],
      ['hpc', null],
      ['edge', 'function'],
    ]),
  ).toEqual({ refused: ['aws'], taken: ['hpc', 'edge'] })
})

test('a deployment that could not be reached, a call that was given up, and one that had none, say nothing', () => {
  expect(
    told([
      ['hpc', 'platform'],
      ['edge', 'gone'],
      [null, 'caller'],
    ]),
  ).toEqual({ refused: [], taken: [] })
})
