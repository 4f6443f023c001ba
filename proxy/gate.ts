// Whether an Envoy may be answered: it proves that it may read the configuration, and this control plane knows what is decided.
import { atMostEvery } from '../server/at-most-every.ts'
import type { Log } from '../server/log.ts'
import type { Shown } from './proof.ts'
import { rememberedFor } from './remembered-for.ts'

/** For the database, which knows the tokens and what is decided. */
const answerMs = 5_000
/** An Envoy that is refused comes again within a second, for ever. */
const tellMs = 60_000

export type Gate = ReturnType<typeof createGate>

/** `recheckMs`: for so long what was good is taken to be good, where each message would have to prove it. */
export function createGate(deps: {
  readonly log: Log
  readonly recheckMs: number
  /** Resolves when all is known that was decided by now; rejects where it cannot be known. */
  readonly caughtUp: () => Promise<void>
}) {
  const { log, recheckMs, caughtUp } = deps
  const [refusal, unchecked] = [atMostEvery(tellMs), atMostEvery(tellMs)]
  const remembered = rememberedFor(recheckMs)

  /** Whether what it shows proves that it may read. undefined: that cannot be found out now. */
  const isGood = (shown: Shown): Promise<boolean | undefined> =>
    inTime(shown.isGood()).catch((error: unknown) => {
      const others = unchecked()
      if (others !== undefined) log.error({ err: error, others }, 'the proof of an xDS stream could not be checked')
      return undefined
    })

  return {
    isGood,
    /** The same of who sends message after message, by what was found lately; false also where it cannot be found out. */
    wasGood: (shown: Shown): Promise<boolean> => remembered(shown.key, async () => (await isGood(shown)) === true),
    /** Whether all that is decided by now is known here. */
    isPresent: (): Promise<boolean> =>
      inTime(caughtUp()).then(
        () => true,
        () => false,
      ),
    /** Who configured the Envoy reads FaDO's log first. */
    tellRefused(peer: string, trouble: string) {
      const others = refusal()
      if (others !== undefined) log.warn({ peer, others }, `an Envoy may not connect: ${trouble}`)
    },
  }
}

const inTime = <T>(answer: Promise<T>): Promise<T> => Promise.race([answer, tooLate()])

function tooLate(): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error(`no answer in ${answerMs} ms`)), answerMs).unref()
  })
}
