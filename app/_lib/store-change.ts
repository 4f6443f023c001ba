// A registered store as the form holds it, and what of it was changed: only that is sent.
import type { EventsSetting, StoreAddressing, StorePartsFragment } from '../../graphql/generated/operations.ts'
import { topicsOf } from './store-events.ts'

export type StoreDraft = {
  readonly endpoint: string
  readonly region: string
  readonly publicEndpoint: string
  readonly addressing: StoreAddressing
  readonly caCertificates: string
  readonly skipTlsVerify: boolean
  readonly events: EventsSetting
  /** One to a line. */
  readonly snsTopics: string
  /** Never shown: empty leaves them as they are. */
  readonly accessKey: string
  readonly secretKey: string
  readonly sessionToken: string
}

const optional = ['region', 'publicEndpoint', 'caCertificates'] as const
const secrets = ['accessKey', 'secretKey', 'sessionToken'] as const

export const draftOf = (store: StorePartsFragment): StoreDraft => ({
  endpoint: store.endpoint,
  region: store.region ?? '',
  publicEndpoint: store.publicEndpoint ?? '',
  addressing: store.addressing,
  caCertificates: store.caCertificates ?? '',
  skipTlsVerify: store.skipTlsVerify,
  events: store.events.setting,
  snsTopics: store.events.snsTopics.join('\n'),
  accessKey: '',
  secretKey: '',
  sessionToken: '',
})

/** As fields of the API's input; an optional one that was emptied is taken away. */
export function changesOf(store: StorePartsFragment, draft: StoreDraft) {
  const [before, endpoint] = [draftOf(store), draft.endpoint.trim()]
  const changed = optional.filter((field) => draft[field].trim() !== before[field].trim())
  return {
    ...(endpoint === store.endpoint ? {} : { endpoint }),
    ...Object.fromEntries(changed.map((field) => [field, draft[field].trim() || null])),
    ...(draft.addressing === store.addressing ? {} : { addressing: draft.addressing }),
    ...eventChanges(store, draft),
    ...(draft.skipTlsVerify === store.skipTlsVerify ? {} : { skipTlsVerify: draft.skipTlsVerify }),
    ...Object.fromEntries(secrets.filter((field) => draft[field] !== '').map((field) => [field, draft[field]])),
  }
}

/** Topics belong to what somebody set up: with another setting there are none. */
function eventChanges({ events: { setting, snsTopics } }: StorePartsFragment, draft: StoreDraft) {
  const topics = draft.events === 'EXTERNAL' ? topicsOf(draft.snsTopics) : []
  return {
    ...(draft.events === setting ? {} : { events: draft.events }),
    ...(topics.join() === snsTopics.join() ? {} : { snsTopics: topics }),
  }
}
