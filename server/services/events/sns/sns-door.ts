// What AWS SNS posts proves itself by its signature, and by its topic, which an operator has named for a store: anybody can make
// a topic. Cheap questions first, so that who posts nonsense makes FaDO ask nobody.
import type { Log } from '../../../log.ts'
import { createSnsCertificates, type Fetch } from './sns-certificates.ts'
import { isSignedBy, isTimely, parseSnsMessage, type SnsMessage } from './sns-message.ts'

/**
 * `notified`: `message` is for these stores. `confirmed`: the subscription began, or its end was taken note of. `later`: it could
 * not be judged now, and SNS is to try again.
 */
export type SnsAnswer =
  | { readonly is: 'notified'; readonly stores: readonly string[]; readonly message: string }
  | { readonly is: 'confirmed' }
  | { readonly is: 'refused'; readonly why: string }
  | { readonly is: 'later' }

export type SnsDoor = { answer(body: string): Promise<SnsAnswer> }

const refused = (why: string): SnsAnswer => ({ is: 'refused', why })

export function createSnsDoor(deps: {
  readonly log: Log
  readonly fetchText: Fetch
  /** Names of the stores that a topic may tell of. */
  readonly storesOf: (topicArn: string) => Promise<readonly string[]>
  /** Nothing comes for these stores any more. */
  readonly onEnd: (stores: readonly string[]) => Promise<void>
  readonly now?: () => number
}): SnsDoor {
  const { log, fetchText, storesOf, onEnd, now = Date.now } = deps
  const certificates = createSnsCertificates(fetchText)

  async function judge(message: SnsMessage): Promise<SnsAnswer> {
    const stores = await storesOf(message.topicArn)
    if (stores.length === 0) return refused('No store has this topic: name it with fado store update --sns-topic')
    if (!isTimely(message, now())) return refused('The message is too old, or of the future')
    if (!isSignedBy(message, await certificates.keyAt(message.certificateUrl, now())))
      return refused('The signature is not good')
    return act(message, stores)
  }

  async function act(message: SnsMessage, stores: readonly string[]): Promise<SnsAnswer> {
    switch (message.type) {
      case 'Notification':
        return { is: 'notified', stores, message: message.message }
      case 'SubscriptionConfirmation':
        if (message.subscribeUrl !== undefined) await fetchText(message.subscribeUrl)
        log.info({ topic: message.topicArn, stores }, 'a topic of SNS is subscribed')
        return { is: 'confirmed' }
      case 'UnsubscribeConfirmation':
        // To ask for its address would subscribe again what somebody has ended.
        log.warn({ topic: message.topicArn, stores }, 'a topic of SNS tells nothing any more')
        await onEnd(stores)
        return { is: 'confirmed' }
    }
  }

  return {
    async answer(body) {
      const message = parseSnsMessage(body)
      if (message === undefined) return refused('This is no message of AWS SNS')
      try {
        return await judge(message)
      } catch (error) {
        log.warn({ err: error, topic: message.topicArn }, 'a message of SNS cannot be judged now')
        return { is: 'later' }
      }
    },
  }
}
