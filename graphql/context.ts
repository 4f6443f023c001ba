import type { Log } from '../server/log.ts'
import type { Services } from '../server/services/services.ts'
import type { Actor } from '../server/services/shared/authorize.ts'

/** What resolvers work with; one for each request, and one for each moment of a subscription. */
export type Context = {
  readonly services: Services
  readonly actor: Actor
  readonly log: Log
  /** Of a WebSocket: aborted when its token is no longer valid. */
  readonly revoked?: AbortSignal
}
