// What all forms of events come to.
import { isObjectKey } from '../../domain/object-key.ts'
import { isAskable } from '../object-path.ts'

/** Only a hint: look at the key. Neither order nor completeness can be relied on. */
export type BucketEvent = {
  /** Its name on its store. */
  readonly bucket: string
  readonly key: string
  /** It tells of a delete: `s3:ObjectRemoved:Delete`, `LifecycleExpiration:DeleteMarkerCreated` and the like. */
  readonly removed: boolean
  /** Bytes, where the store tells (MinIO does not of an empty object). */
  readonly size?: number
}

export type ToldEvents = {
  readonly events: readonly BucketEvent[]
  /** Buckets whose source only said that it works, as AWS does once when it is set up. */
  readonly tested: readonly string[]
}

/** Reads one form; undefined: it is another one. What cannot be read in it is passed over. Never throws. */
export type EventReader = (body: unknown) => ToldEvents | undefined

type Told = {
  readonly bucket: unknown
  readonly key: unknown
  readonly removed: boolean
  readonly size: unknown
}

/** None where it names no bucket or no possible key. */
export function toBucketEvent({ bucket, key, removed, size }: Told): BucketEvent[] {
  // One that the database refuses would hold up all others with it, and one that no store can be asked for tells nothing.
  if (!isBucket(bucket) || typeof key !== 'string' || !isAskable(key)) return []
  return [{ bucket, key, removed, ...(isSize(size) && !removed ? { size } : {}) }]
}

/** No store has one with a slash: what is gathered by bucket and key would be another object's. */
export const isBucket = (name: unknown): name is string =>
  typeof name === 'string' && isObjectKey(name) && !name.includes('/')

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** A property of its own, of what may be anything. */
export function get(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}
