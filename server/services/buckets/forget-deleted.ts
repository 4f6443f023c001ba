// The end of what is being removed: rows go once nothing is left on the stores, or what is left shall be forgotten.
import { writeLeftBehind } from '../../db/catalogue/audit.ts'
import {
  deleteEmptyClusters,
  deleteStorage,
  forgetJournalsOn,
  type RemovableStorage,
  removableStorages,
} from '../../db/catalogue/removals.ts'
import type { ServiceDeps } from '../shared/deps.ts'

const batch = 5_000

async function forgetStorage(
  { pool, log }: Pick<ServiceDeps, 'pool' | 'log'>,
  storage: RemovableStorage,
): Promise<void> {
  while (storage.replicaIds.length > 0 && (await forgetJournalsOn(pool, storage, batch)));
  await pool.transaction(async (tx) => {
    await deleteStorage(tx, storage)
    await writeLeftBehind(tx, storage.name, storage.bucketNames)
  })
  if (storage.bucketNames.length > 0)
    log.warn({ store: storage.name, buckets: storage.bucketNames }, 'a store was forgotten with what is on it')
}

/** Called at the start and by a timer. Returns whether anything went. */
export async function forgetDeleted(deps: Pick<ServiceDeps, 'pool' | 'log'>): Promise<boolean> {
  const stores = await removableStorages(deps.pool)
  for (const storage of stores)
    await forgetStorage(deps, storage).catch((error: unknown) =>
      deps.log.warn({ err: error, store: storage.name }, 'a store could not be forgotten yet'),
    )
  const clusters = await deps.pool.transaction(deleteEmptyClusters)
  return stores.length + clusters > 0
}
