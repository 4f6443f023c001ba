import type { IncomingMessage } from 'node:http'
import type { Log } from '../log.ts'
import type { Services } from '../services/services.ts'
import { databaseAway } from '../services/shared/database-away.ts'
import type { Authenticated } from '../services/tokens/authenticate.ts'
import type { RequestAuth } from './request-auth.ts'

/** Who sends a request; undefined: nobody that is known. A text: why it cannot be looked up. */
export type ActorOf = (request: IncomingMessage) => Promise<Authenticated | undefined | string>

export function createActorOf(deps: {
  services: Pick<Services, 'authenticate'>
  auth: RequestAuth
  log: Log
}): ActorOf {
  return async (request) => {
    const secret = deps.auth.requestToken(request)
    if (secret === undefined) return undefined
    return deps.services.authenticate(secret).catch((error: unknown) => {
      deps.log.error({ err: error }, 'a token could not be looked up')
      return databaseAway(error) ?? 'FaDO cannot read its database'
    })
  }
}
