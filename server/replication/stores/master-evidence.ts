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
  /** For how long its store's process runs; null where it does not tell. */
  readonly uptimeSeconds: number | null
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
  const { unjudged, hasGap, runsSeconds } = await loadAway(pool, bucketId)
  if (unjudged) return { evidence: 'away', uptimeSeconds }
  if (uptimeSeconds === null) return { evidence: hasGap ? 'unsure' : 'watched', uptimeSeconds }
  if (!hasRestarted(uptimeSeconds, runsSeconds)) return { evidence: 'watched', uptimeSeconds }
  await pool.transaction((tx) => sweepStore(tx, id, 'not-asked'))
  return { evidence: 'away', uptimeSeconds }
}
