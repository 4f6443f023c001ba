// Why a copy is looked at as a whole as often as it is, as a reason: a code for programs, a sentence for people.
import { durationWords } from '../duration-words.ts'
import type { Reason } from '../reason.ts'
import type { SweepInterval } from './sweep-interval.ts'

type Of = {
  readonly quietLooks: number
  /** The master's, by name. */
  readonly store: string
}

const looks = (count: number): string => (count === 1 ? 'The last look' : `The last ${count} looks`)

export function reasonOfSweep({ seconds, why, policy }: SweepInterval, { quietLooks, store }: Of): Reason {
  const say = (message: string): Reason => ({ code: why, message })
  switch (why) {
    case 'SWEEP_LEARNING':
      return quietLooks === 0
        ? say('The copy is new, the last look found a change that no event had told, or events may have been missed')
        : say(
            `${looks(quietLooks)} found no change that events had missed: each such look doubles the time to the next`,
          )
    case 'SWEEP_SETTLED':
      return say(
        `${looks(quietLooks)} found no change that events had missed: more of them would cost more than they find`,
      )
    case 'SWEEP_UNPROVEN':
      return say(`No event from ${store} has shown yet that it tells of changes`)
    case 'SWEEP_UNTOLD':
      return say(
        `${store} tells of no changes that FaDO relies on, so they are looked for within half of max_staleness, and 15 minutes at most`,
      )
    case 'SWEEP_POLICY':
      return say(
        policy === 'full_compare'
          ? `The policy full_compare takes a look every ${durationWords(seconds)} at least`
          : `The policy sweep_interval asks for a look every ${durationWords(seconds)} at least`,
      )
  }
}
