// What a store is registered with: checked, and as it is stored. Credentials are sealed before they are.
import type { SealedStorage, StorageSettings } from '../../db/catalogue/storage-deployments.ts'
import { type StoreCredentials, sealCredentials } from '../../secrets.ts'
import { checkLink, checkOrigin, checkText, invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'

export type Optional = string | null | undefined
export type StoreAddress = {
  readonly region?: Optional
  readonly publicEndpoint?: Optional
  readonly managementUrl?: Optional
}

export type WantedStore = StoreCredentials &
  Pick<SealedStorage, 'endpoint' | 'publicEndpoint' | 'region' | 'managementUrl'>

/** Parsed and made one of a kind: addresses without what follows the port. */
export function checkSettings(given: WantedStore): WantedStore {
  const endpoint = checkOrigin(given.endpoint, ['endpoint'])
  const publicEndpoint = given.publicEndpoint === null ? null : checkOrigin(given.publicEndpoint, ['publicEndpoint'])
  const managementUrl = given.managementUrl === null ? null : checkLink(given.managementUrl, ['managementUrl'])
  if (given.region !== null && !/^[A-Za-z0-9-]{1,64}$/.test(given.region))
    throw invalid('region must be 1 to 64 letters, digits and dashes', ['region'])
  checkText(given.accessKey, 1024, ['accessKey'])
  checkText(given.secretKey, 1024, ['secretKey'])
  return { ...given, endpoint, publicEndpoint, managementUrl }
}

export const settingsOf = (deps: ServiceDeps, id: string, wanted: TriedStore): StorageSettings => ({
  endpoint: wanted.endpoint,
  publicEndpoint: wanted.publicEndpoint,
  region: wanted.region,
  managementUrl: wanted.managementUrl,
  capabilities: wanted.capabilities,
  credentials: sealCredentials(deps.secrets, id, wanted),
})

/** For the audit: without the credentials. */
export const detailOf = ({ endpoint, publicEndpoint, region, managementUrl, capabilities }: StorageSettings) => ({
  endpoint,
  publicEndpoint,
  region,
  managementUrl,
  capabilities,
})

export const duplicates = (name: string, endpoint: string) => ({
  'storage.endpoint': { message: `There is a storage deployment at ${endpoint} already`, path: ['endpoint'] },
  'storage.name': { message: `There is a storage deployment ${name} already`, path: ['name'] },
})

/** Two names of one store are told from two stores only by what is registered: one registration after the other. */
export const registrationLock = 'fado store registration'

/** A store that was probed, with what it can do. */
export type TriedStore = WantedStore & { readonly capabilities: readonly string[] }
