// Whether a master's store may have been put back to an earlier state since its buckets were last looked at whole.
import { loadAway } from '../../db/copies/master.ts'
import type { Pool } from '../../db/core/pool.ts'
import { sweepStore } from '../../db/queue/sweeps.ts'
import { hasRestarted } from '../../domain/fleet/restarted.ts'
import type { Evidence } from '../../domain/replica/regress.ts'
import { StorageError } from '../../storage/storage-error.ts'
import { orInterrupted, type SharedAnswers } from './shared-answers.ts'
import type { Store } from './stores.ts'

/** For how long the processes of stores run, in seconds; shared by the store's id. Null: it does not tell. */
export type Uptimes = SharedAnswers<number | null>

export type MasterEvidence = {
  readonly evidence: Evidence
  /** When its store's process began at the latest, in milliseconds by PostgreSQL's clock; null where it does not tell. */
  readonly processBegan: number | null
}

/**
 * The health monitor notes within seconds that a store was away or began anew. Whoever finds that something is missing at a master
 * within these asks the store itself, and notes it for all.
 */
export async function evidenceOf(
  { pool, uptimes }: { readonly pool: Pool; readonly uptimes: Uptimes },
  bucketId: string,
  { id, driver }: Store,
  signal: AbortSignal,
): Promise<MasterEvidence> {
  // In this order: what the monitor notes in between counts.
  const asked = uptimes(id, () =>
    driver.uptime().catch((error: unknown) => {
      if (error instanceof StorageError && error.status !== null) return null
      throw error
    }),
  )
  const uptimeSeconds = await orInterrupted(asked, signal)
  const away = await loadAway(pool, bucketId)
  if (away === null) return { evidence: 'watched', processBegan: null }
  const { unjudged, hasGap, runsSeconds, now } = away
  // By the time of the answer: it may have come long after the look began that asks.
  const processBegan = uptimeSeconds === null ? null : now - uptimeSeconds * 1000
  if (unjudged) return { evidence: 'away', processBegan }
  if (uptimeSeconds === null) return { evidence: hasGap ? 'unsure' : 'watched', processBegan }
  if (!hasRestarted(uptimeSeconds, runsSeconds)) return { evidence: 'watched', processBegan }
  await pool.transaction((tx) => sweepStore(tx, id, 'not-asked'))
  return { evidence: 'away', processBegan }
}
