// A storage deployment is tried with its new values before they are stored: so credentials are rotated without a pause.

import {
  changeStorage,
  recordDatesMove,
  type SealedStorage,
  sealedStorage,
} from '../../db/catalogue/storage-deployments.ts'
import { withLock } from '../../db/core/advisory-lock.ts'
import { forgetEvents } from '../../db/queue/bucket-events.ts'
import { markBuckets } from '../../db/queue/dirty-buckets.ts'
import { subscribeMasters, sweepStore } from '../../db/queue/sweeps.ts'
import { openCredentials, type StoreCredentials } from '../../secrets.ts'
import type { Actor } from '../shared/authorize.ts'
import { asDuplicate, beingDeleted, change, notFound, requireVersion } from '../shared/change.ts'
import type { Optional } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { storageToChange } from '../shared/find.ts'
import { tryStore } from './probe-store.ts'
import { requireSameStore } from './same-store.ts'
import {
  checkSettings,
  detailOf,
  duplicates,
  registrationLock,
  type StoreAddress,
  settingsOf,
  type TriedStore,
  type WantedStore,
} from './storage-settings.ts'

export type UpdateStorage = StoreAddress & {
  readonly name: string
  readonly endpoint?: Optional<string>
  readonly accessKey?: Optional<string>
  readonly secretKey?: Optional<string>
  readonly expectedVersion?: number | null | undefined
}

/** What is left out stays as it was; given as null it is taken away where it may be. */
function merge(stored: SealedStorage, credentials: StoreCredentials, input: UpdateStorage): WantedStore {
  const or = <T>(given: T | undefined, present: T): T => (given === undefined ? present : given)
  return {
    endpoint: input.endpoint ?? stored.endpoint,
    accessKey: input.accessKey ?? credentials.accessKey,
    secretKey: input.secretKey ?? credentials.secretKey,
    sessionToken: or(input.sessionToken, credentials.sessionToken ?? null),
    region: or(input.region, stored.region),
    addressing: input.addressing ?? stored.addressing,
    caCertificates: or(input.caCertificates, stored.caCertificates),
    skipTlsVerify: input.skipTlsVerify ?? stored.skipTlsVerify,
    publicEndpoint: or(input.publicEndpoint, stored.publicEndpoint),
    managementUrl: or(input.managementUrl, stored.managementUrl),
    events: input.events ?? stored.events,
    // Who ends what somebody set up there ends its topics, too.
    snsTopics: input.snsTopics ?? ((input.events ?? 'external') === 'external' ? stored.snsTopics : []),
  }
}

/**
 * With both keys given the present ones need not be readable: so a lost secret key is cured. A session token is that of its
 * keys: new ones come with their own, or have none.
 */
function presentCredentials(deps: ServiceDeps, stored: SealedStorage, input: UpdateStorage): StoreCredentials {
  const { accessKey, secretKey } = input
  if (accessKey && secretKey) return { accessKey, secretKey }
  const present = openCredentials(deps.secrets, stored.id, stored.credentials)
  return accessKey || secretKey ? { ...present, sessionToken: null } : present
}

/** Returns the store's id. */
export async function updateStorage(deps: ServiceDeps, actor: Actor, input: UpdateStorage): Promise<string> {
  return withLock(deps.pool, registrationLock, () => update(deps, actor, input))
}

async function update(deps: ServiceDeps, actor: Actor, input: UpdateStorage): Promise<string> {
  const { name, expectedVersion } = input
  const stored = await sealedStorage(deps.pool, name)
  if (stored === undefined) throw notFound('storage deployment', name, ['name'])
  requireVersion(expectedVersion, stored.version, `The storage deployment ${name}`)
  await deps.pool.transaction((tx) => storageToChange(tx, actor, stored.clusterId, name)) // before the store is tried
  const wanted = checkSettings(merge(stored, presentCredentials(deps, stored, input), input))
  const probed = await tryStore(deps, wanted, stored.id)
  if (wanted.endpoint !== stored.endpoint) await requireSameStore(deps, wanted, stored.id)
  return write(deps, actor, input, stored, { ...wanted, ...probed })
}

async function write(
  deps: ServiceDeps,
  actor: Actor,
  input: UpdateStorage,
  stored: SealedStorage,
  wanted: TriedStore,
): Promise<string> {
  const { name } = input
  return change(deps, actor, 'storageDeploymentUpdate', async (tx) => {
    const { storage } = await storageToChange(tx, actor, stored.clusterId, name)
    // What was probed is what was read: a change that came between would be lost.
    requireVersion(stored.version, storage.version, `The storage deployment ${name}`)
    if (storage.state === 'deleting') throw beingDeleted(`The storage deployment ${name}`, ['name'])
    const settings = settingsOf(deps, storage.id, wanted)
    await changeStorage(tx, storage, settings)
    if (wanted.datesMove !== null) await recordDatesMove(tx, storage.id, wanted.datesMove)
    if (wanted.events !== stored.events) {
      await forgetEvents(tx, storage.id)
      await subscribeMasters(tx, storage.id)
    }
    if (wanted.endpoint !== stored.endpoint) await sweepStore(tx, storage.id, 'not-known') // its events may have been lost on the way
    await markBuckets(tx, { kind: 'storage', storageId: storage.id })
    tx.changed('storage', [storage.id])
    const credentialsChanged = Boolean(input.accessKey ?? input.secretKey ?? input.sessionToken)
    const detail = { ...detailOf(settings), credentialsChanged }
    return { result: storage.id, subject: name, detail }
  }).catch((error: unknown) => {
    throw asDuplicate(error, duplicates(name, wanted.endpoint))
  })
}
