import type { StorageFor } from '../../server/replication/stores/stores.ts'
import type { StorageDriver } from '../../server/storage/storage-driver.ts'
import type { MoverFleet } from './mover-fleet.ts'

/** The fleet's drivers, one of them with other calls. */
export function withCalls(
  fleet: MoverFleet,
  name: string,
  calls: (driver: StorageDriver) => Partial<StorageDriver>,
): StorageFor {
  const changed = { driver: { ...fleet.store(name), ...calls(fleet.store(name)) }, name }
  return async (id) => (id === fleet.storeId(name) ? changed : fleet.storageFor(id))
}
