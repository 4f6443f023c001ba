// Why a run ended as it did, as a reason: a code for programs, a sentence for people.
import type { Reason } from '../reason.ts'
import { reasonOf } from '../trouble/say-trouble.ts'
import type { RunCause, RunOutcome } from './run.ts'

export function reasonOfRun(outcome: RunOutcome, cause: RunCause | null): Reason | null {
  if (cause === null)
    return outcome === 'lost'
      ? { code: 'MOVER_LOST', message: 'Its mover ended, or did not reach the database for longer than its lease' }
      : null
  if (cause.kind === 'went_on')
    return { code: 'WENT_ON', message: 'It went on where a run before it was cut off, and tells what both found' }
  if (cause.kind !== 'interrupted') return reasonOf(cause)
  return cause.by === 'stopping'
    ? { code: 'MOVER_STOPPED', message: 'Its mover was stopped' }
    : { code: 'COPYING_HELD', message: 'A pause, a closed window, or a change that may forbid the copy ended it' }
}
