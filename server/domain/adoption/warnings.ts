// What a replica of a bucket would not have, though the bucket has it: FaDO copies current objects with their headers and tags.
import { counted, listOf, type Reason } from '../reason.ts'
import type { BucketSettings } from './bucket-settings.ts'

type Setting = keyof BucketSettings
type Read = { readonly [S in Setting]: (value: Exclude<BucketSettings[S], 'unknown'>) => readonly Reason[] }

const none: readonly Reason[] = []

const read: Read = {
  versioning({ versions, objectLock, defaultRetention }) {
    const kept: Reason = { code: 'VERSIONS', message: 'It keeps old versions: replicas get the current ones only' }
    const days = defaultRetention === null ? '' : `, of ${counted(defaultRetention.days, 'day')} by default`
    const lock: Reason = {
      code: 'OBJECT_LOCK',
      message: `It has object lock: replicas get no retention (here${days === '' ? ' none by default' : days}) and no legal hold`,
    }
    return [...(versions === 'none' ? none : [kept]), ...(objectLock ? [lock] : none)]
  },
  lifecycle({ rules, expires }) {
    if (rules === 0) return none
    const also = expires
      ? '; what they delete here is found by a comparison, and the delete brake holds much of it at once'
      : ''
    return [
      { code: 'LIFECYCLE', message: `It has ${counted(rules, 'lifecycle rule')}, which replicas do not get${also}` },
    ]
  },
  policy: (there) =>
    there
      ? [{ code: 'BUCKET_POLICY', message: 'It has a bucket policy: who may read replicas is for you to set' }]
      : none,
  encryption: (algorithm) =>
    algorithm === null
      ? none
      : [{ code: 'ENCRYPTION', message: `It encrypts with ${algorithm}: replicas are encrypted as their stores do` }],
  replication: (targets) =>
    targets.length === 0
      ? none
      : [
          {
            code: 'STORE_REPLICATION',
            message: `Its store copies it to ${listOf(targets)} already: let FaDO keep that copy, or the store, not both`,
          },
        ],
  notifications: ({ others, fado }) => [
    ...(others === 0
      ? none
      : [
          {
            code: 'NOTIFICATIONS',
            message: `It tells ${counted(others, 'other')} of its events; replicas tell nobody`,
          } as const,
        ]),
    ...(fado
      ? [
          {
            code: 'SUBSCRIBED',
            message: 'A FaDO has subscribed its events already: be sure that no other one looks after it',
          } as const,
        ]
      : none),
  ],
  requesterPays: (pays) =>
    pays ? [{ code: 'REQUESTER_PAYS', message: 'Who reads it pays: so does FaDO where it is not the owner' }] : none,
}

const names: Readonly<Record<Setting, string>> = {
  versioning: 'versions',
  lifecycle: 'lifecycle rules',
  policy: 'bucket policy',
  encryption: 'encryption',
  replication: 'replication',
  notifications: 'notifications',
  requesterPays: 'who pays',
}
const settings = Object.keys(names) as readonly Setting[]

function one<S extends Setting>(setting: S, value: BucketSettings[S]): readonly Reason[] {
  return value === 'unknown' ? none : read[setting](value as Exclude<BucketSettings[S], 'unknown'>)
}

/** In a fixed order; what could not be asked for comes last, as one. */
export function warningsOf(found: BucketSettings): readonly Reason[] {
  const unknown = settings.filter((setting) => found[setting] === 'unknown').map((setting) => names[setting])
  const known = settings.flatMap((setting) => one(setting, found[setting]))
  if (unknown.length === 0) return known
  const message = `The store does not let FaDO ask, or did not answer in time: ${listOf(unknown, settings.length)}`
  return [...known, { code: 'UNKNOWN_SETTINGS', message }]
}

/** Where nothing could be asked for. */
export const unknownSettings: BucketSettings = {
  versioning: 'unknown',
  lifecycle: 'unknown',
  policy: 'unknown',
  encryption: 'unknown',
  replication: 'unknown',
  notifications: 'unknown',
  requesterPays: 'unknown',
}
