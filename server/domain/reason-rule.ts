// Rules each of which is a reason: what stands against something is said by those that hold of it, all of them, in their order.
import type { Reason, ReasonCode } from './reason.ts'

export type ReasonRule<About> = {
  readonly code: ReasonCode
  readonly holds: (about: About) => boolean
  /** For people, where it holds. */
  readonly say: (about: About) => string
}

export const reasonsBy = <About>(rules: readonly ReasonRule<About>[], about: About): Reason[] =>
  rules.filter(({ holds }) => holds(about)).map(({ code, say }) => ({ code, message: say(about) }))
