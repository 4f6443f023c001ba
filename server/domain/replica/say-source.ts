// Why a copy's bytes come from a store, as a reason: a code for programs, a sentence for people.
import type { Reason } from '../reason.ts'
import type { SourceReason } from './choose-source.ts'

/** `store`: from which they come, by name; `copy`: to which. */
export function reasonOfSource(why: SourceReason, store: string, copy: string): Reason {
  const say = (message: string): Reason => ({ code: why, message, store })
  switch (why) {
    case 'MASTER_ONLY':
      return say(`No other copy could lend what ${copy} lacked, so it came from the master on ${store}`)
    case 'MASTER_BEST':
      return say(
        `For ${copy} no copy is better than the master on ${store}: cost counts first, then how near and how fast they are`,
      )
    case 'CHEAPER':
      return say(`${store} holds the same version, and bytes that leave it cost less than the master's`)
    case 'NEARER':
      return say(`${store} holds the same version and shares more zones with ${copy} than the master does`)
    case 'FASTER_LINK':
      return say(`${store} holds the same version and was measured to be faster than the master`)
    case 'MASTER_AWAY':
      return say(`The master does not answer, and ${store} holds the version that it had last`)
  }
}
