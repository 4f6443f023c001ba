// Whether this process reaches PostgreSQL, as whoever asks it again and again finds. Out of reach for long it is lost: it knows
// nothing of what is decided, and others take its streams for ended.
import type { Log } from '../log.ts'

/** Not less: for a short outage of PostgreSQL no Envoy need begin anew. */
const lostSeconds = 30

export type DatabaseReach = {
  /** It answered. */
  reached(): void
  /** It did not. */
  missed(): void
}

export function createDatabaseReach(deps: {
  log: Log
  /** The streams should end, so that their Envoys go to a control plane that knows more, and none be taken until `onBack`. */
  onLost: () => void
  onBack: () => void
  /** Default 30. */
  lostAfterSeconds?: number
  /** Milliseconds by a clock that is never set. */
  now?: () => number
}): DatabaseReach {
  const { log, onLost, onBack, lostAfterSeconds = lostSeconds, now = () => performance.now() } = deps
  const lostMs = lostAfterSeconds * 1000
  /**
   * For how long it was asked and did not answer; null: it answered last. A process that was held up or paused did not ask meanwhile, so
   * no one question counts for more than a third of what is an outage.
   */
  let missing: { readonly ms: number; readonly at: number } | null = null
  let lost = false
  return {
    reached() {
      missing = null
      if (!lost) return
      lost = false
      log.info('the database is in reach again: Envoys are taken')
      onBack()
    },
    missed() {
      const at = now()
      missing = { at, ms: missing === null ? 0 : missing.ms + Math.min(at - missing.at, lostMs / 3) }
      if (lost || missing.ms < lostMs) return
      lost = true
      log.warn('the database is out of reach: Envoys are sent to another control plane, if there is one')
      onLost()
    },
  }
}
