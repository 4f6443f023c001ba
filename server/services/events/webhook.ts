import { parseWebhookEvent } from '../../storage/parse-webhook-event.ts'
import type { Services } from '../services.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { createEventIntake } from './event-intake.ts'
import { createNotifyAccess } from './notify-access.ts'

/** What the route of the stores' webhooks needs. */
export type Webhook = {
  ask(secret: string): Promise<'allowed' | 'refused' | 'unknown'>
  /** The body as the store sent it; never throws. Returns how many events it held. */
  take(body: string): number
  /** An event had to be refused though it may be a store's. */
  missed(): void
  stop(): Promise<void>
}

export function createWebhook(
  deps: Pick<ServiceDeps, 'pool' | 'log'> & {
    readonly services: Pick<Services, 'authenticate' | 'onTokenRevoked'>
    readonly onDropped?: (keys: number) => void
  },
): Webhook {
  const intake = createEventIntake(deps)
  const access = createNotifyAccess(deps.services.authenticate)
  const off = deps.services.onTokenRevoked((tokenId) => access.forget(tokenId))
  return {
    ask: access.ask,
    take(body) {
      const events = parseWebhookEvent(body)
      intake.take(events)
      return events.length
    },
    missed: intake.missed,
    async stop() {
      off()
      await intake.stop()
    },
  }
}
