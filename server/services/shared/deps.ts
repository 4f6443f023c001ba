import type { Db } from '../../db/core/client.ts'
import type { Pool } from '../../db/core/pool.ts'
import type { StoredEndpoint } from '../../db/proxies/endpoints.ts'
import type { StoreAccess } from '../../domain/fleet/store-access.ts'
import type { FaasEndpoint } from '../../domain/route/routing-table.ts'
import type { ForbiddenTarget } from '../../forbidden-target.ts'
import type { Log } from '../../log.ts'
import type { SecretBox, StoreCredentials } from '../../secrets.ts'
import type { StorageDriver } from '../../storage/storage-driver.ts'
import type { StorageTimeouts } from '../../storage/storage-values.ts'

/** All that is needed to speak to a store. */
export type OpenAccess = StoreCredentials & StoreAccess

/** What the use cases work with. */
export type ServiceDeps = {
  readonly db: Db
  readonly pool: Pool
  readonly log: Log
  readonly secrets: SecretBox
  /** Where callers reach the ingress. */
  readonly ingressUrl: string
  /** It speaks TLS, too, so callers can show certificates there. */
  readonly ingressTls: boolean
  readonly forbiddenTarget: ForbiddenTarget
  /** All deployments as Envoys get them, with what proves there who calls. */
  readonly withSecrets: (all: readonly StoredEndpoint[]) => FaasEndpoint[]
  /** Opens no connection before it is used; the caller closes it. Throws a StorageError when an address is none. */
  readonly connect: (store: OpenAccess, timeouts?: Partial<StorageTimeouts>) => StorageDriver
}
