// What a store is registered with: checked, and as it is stored. Credentials are sealed before they are.
import type { SealedStorage, StorageSettings } from '../../db/catalogue/storage-deployments.ts'
import type { EventsSetting } from '../../domain/fleet/event-source.ts'
import { isTopicArn } from '../../domain/fleet/sns-topic.ts'
import type { Addressing, StoreAccess } from '../../domain/fleet/store-access.ts'
import { type StoreCredentials, sealCredentials } from '../../secrets.ts'
import { canBeVirtual } from '../../storage/addresses.ts'
import { checkCertificates } from '../shared/check-certificates.ts'
import { checkBaseUrl, checkLink, checkText, invalid, type Optional } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import type { Probed } from './probe-store.ts'

/** What may be left out. */
export type StoreAddress = {
  readonly region?: Optional<string>
  readonly publicEndpoint?: Optional<string>
  readonly managementUrl?: Optional<string>
  readonly addressing?: Addressing | null | undefined
  readonly caCertificates?: Optional<string>
  readonly skipTlsVerify?: boolean | null | undefined
  readonly sessionToken?: Optional<string>
  readonly events?: EventsSetting | null | undefined
  readonly snsTopics?: readonly string[] | null | undefined
}

export type WantedStore = StoreCredentials & StoreAccess & Pick<SealedStorage, 'managementUrl' | 'events' | 'snsTopics'>

/** Parsed and made one of a kind. */
export function checkSettings(given: WantedStore): WantedStore {
  const endpoint = checkStoreAddress(given, given.endpoint, 'endpoint')
  const publicEndpoint =
    given.publicEndpoint === null ? null : checkStoreAddress(given, given.publicEndpoint, 'publicEndpoint')
  const managementUrl = given.managementUrl === null ? null : checkLink(given.managementUrl, ['managementUrl'])
  if (given.region !== null && !/^[A-Za-z0-9-]{1,64}$/.test(given.region))
    throw invalid('region must be 1 to 64 letters, digits and dashes', ['region'])
  if (given.skipTlsVerify && !endpoint.startsWith('https:'))
    throw invalid('skipTlsVerify is of no use with http, where nothing is encrypted', ['skipTlsVerify'])
  checkText(given.accessKey, 1024, ['accessKey'])
  checkText(given.secretKey, 1024, ['secretKey'])
  if (given.sessionToken) checkText(given.sessionToken, maxSessionToken, ['sessionToken'])
  const snsTopics = checkTopics(given)
  return { ...given, endpoint, publicEndpoint, managementUrl, snsTopics, caCertificates: checkAuthorities(given) }
}

/** AWS sets no limit; its tokens have 1 to 2 KB. */
const maxSessionToken = 8_192

/** The same wherever it is written with or without a slash at its end. */
function checkStoreAddress({ addressing }: WantedStore, text: string, field: 'endpoint' | 'publicEndpoint'): string {
  const address = checkBaseUrl(text, [field])
  if (addressing === 'virtual-hosted' && !canBeVirtual(new URL(address)))
    throw invalid('An IP address can have no names of buckets before it: use a host name, or addressing PATH', [field])
  return address
}

const maxTopics = 20

/** Each once. A topic is whom FaDO believes, so it must be whole. */
function checkTopics({ events, snsTopics }: WantedStore): readonly string[] {
  const say = (text: string) => invalid(`snsTopics ${text}`, ['snsTopics'])
  const topics = [...new Set(snsTopics.map((arn) => arn.trim()))]
  if (topics.length > maxTopics) throw say(`must be at most ${maxTopics}`)
  const wrong = topics.find((arn) => !isTopicArn(arn))
  if (wrong !== undefined) throw say('must be ARNs such as arn:aws:sns:eu-central-1:123456789012:fado')
  if (topics.length > 0 && events !== 'external') throw say('are of use with events EXTERNAL only')
  return topics
}

/** Of no use where nothing is encrypted. */
function checkAuthorities({ caCertificates, endpoint }: WantedStore): string | null {
  const found = checkCertificates(caCertificates, ['caCertificates'])
  if (found !== null && !endpoint.startsWith('https:'))
    throw invalid('caCertificates are of no use with http: give an https endpoint', ['caCertificates'])
  return found
}

export const settingsOf = (deps: ServiceDeps, id: string, wanted: TriedStore): StorageSettings => ({
  endpoint: wanted.endpoint,
  publicEndpoint: wanted.publicEndpoint,
  region: wanted.region,
  addressing: wanted.addressing,
  caCertificates: wanted.caCertificates,
  skipTlsVerify: wanted.skipTlsVerify,
  managementUrl: wanted.managementUrl,
  events: wanted.events,
  snsTopics: wanted.snsTopics,
  capabilities: wanted.capabilities,
  lacking: wanted.lacking,
  credentials: sealCredentials(deps.secrets, id, wanted),
})

/** For the audit: without the credentials. */
export const detailOf = ({ credentials: _, caCertificates, lacking: __, ...shown }: StorageSettings) => ({
  ...shown,
  snsTopics: [...shown.snsTopics],
  capabilities: [...shown.capabilities],
  ownAuthorities: caCertificates !== null,
})

export const duplicates = (name: string, endpoint: string) => ({
  'storage.endpoint': { message: `There is a storage deployment at ${endpoint} already`, path: ['endpoint'] },
  'storage.name': { message: `There is a storage deployment ${name} already`, path: ['name'] },
})

/** Two names of one store are told from two stores only by what is registered: one registration after the other. */
export const registrationLock = 'fado store registration'

/** A store that was probed, with what it can do. */
export type TriedStore = WantedStore & Probed
