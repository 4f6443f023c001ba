// The end of what is being removed: rows go once nothing is left on the stores, or what is left shall be forgotten.
import { writeLeftBehind } from '../../db/catalogue/audit.ts'
import {
  deleteEmptyClusters,
  deleteStorage,
  forgetJournalsOn,
  type RemovableStorage,
  removableStorages,
} from '../../db/catalogue/removals.ts'
import { type ServiceDeps, wakeAll } from '../shared/deps.ts'

const batch = 5_000

async function forgetStorage(
  { pool, log }: Pick<ServiceDeps, 'pool' | 'log'>,
  storage: RemovableStorage,
): Promise<void> {
  while (storage.replicaIds.length > 0 && (await forgetJournalsOn(pool, storage, batch)));
  await pool.transaction(async (sql) => {
    await deleteStorage(sql, storage)
    await writeLeftBehind(sql, storage.name, storage.bucketNames)
  })
  if (storage.bucketNames.length > 0)
    log.warn({ store: storage.name, buckets: storage.bucketNames }, 'a store was forgotten with what is on it')
}

/** Called at the start and by a timer. Returns whether anything went. */
export async function forgetDeleted(deps: Pick<ServiceDeps, 'pool' | 'wakeups' | 'log'>): Promise<boolean> {
  const stores = await removableStorages(deps.pool)
  for (const storage of stores)
    await forgetStorage(deps, storage).catch((error: unknown) =>
      deps.log.warn({ err: error, store: storage.name }, 'a store could not be forgotten yet'),
    )
  const clusters = await deps.pool.transaction(deleteEmptyClusters)
  const any = stores.length + clusters.length > 0
  if (any) wakeAll(deps, ['bucket', 'endpoints', 'event'])
  return any
}
