// Sentences for users: why a replica does not get on. They name the store, count, and give a few names.
import type { ConflictSample } from '../../db/copies/journal.ts'
import { counted } from '../../domain/reason.ts'
import type { StorageErrorKind } from '../../storage/storage-error.ts'

const shownKeys = 3

function namesOf({ count, keys }: ConflictSample): string {
  const shown = keys.slice(0, shownKeys).join(', ')
  return count > shownKeys ? `${shown} and ${count - shownKeys} more` : shown
}

function conflictSentence(sample: ConflictSample, store: string): string {
  const objects = counted(sample.count, 'object')
  const names = namesOf(sample)
  const [was, has] = sample.count === 1 ? ['was', 'has'] : ['were', 'have']
  switch (sample.kind) {
    case 'foreign':
      return `${objects} in the way on ${store} ${was} not written by FaDO: ${names}`
    case 'changed':
      return `${objects} on ${store} ${has} been changed since FaDO wrote ${sample.count === 1 ? 'it' : 'them'}: ${names}`
    case 'refused':
      return `${store} cannot hold ${objects} of the master because of the name or size: ${names}`
  }
}

export type Troubles = {
  readonly store: string
  readonly conflicts: readonly ConflictSample[]
  readonly braked: number
  readonly failedKeys: number
  readonly keyCause: string | null
}

/** Null: nothing is known to be wrong. */
export function replicaCause({ store, conflicts, braked, failedKeys, keyCause }: Troubles): string | null {
  const sentences = conflicts.map((sample) => conflictSentence(sample, store))
  if (braked > 0)
    sentences.push(`The delete brake holds ${counted(braked, 'delete')} on ${store} until a resync allows deletes`)
  if (keyCause !== null)
    sentences.push(`${counted(failedKeys, 'object')} cannot be copied to ${store} now: ${keyCause}`)
  return sentences.length === 0 ? null : sentences.join('. ')
}

/** Kinds of failure that lie with the store as a whole, and how a sentence about it goes on after its name. */
const storeTroubles: Partial<Record<StorageErrorKind, string>> = {
  unreachable: 'cannot be reached',
  timeout: 'does not answer in time',
  signature: "does not accept FaDO's access key",
  'clock-skew': "has a clock too far from FaDO's",
  'server-error': 'answers with errors',
  'slow-down': 'asks to be spared',
}

/** Nothing can be said of single keys; a failure of any other kind may be the key's own. */
export const isOutage = (kind: StorageErrorKind): boolean =>
  kind === 'unreachable' || kind === 'signature' || kind === 'clock-skew'
export const isStoreTrouble = (kind: StorageErrorKind): boolean => kind in storeTroubles
export const storeTrouble = (store: string, kind: StorageErrorKind): string =>
  `${store} ${storeTroubles[kind] ?? 'fails'}`
/** All that `storeTrouble` can say of this store. */
export const storeTroubleSentences = (store: string): string[] =>
  [...Object.values(storeTroubles), 'fails'].map((text) => `${store} ${text}`)

export const foreignBucketCause = (store: string, bucket: string): string =>
  `A bucket named ${bucket} that FaDO did not make is on ${store}; it is left as it is`
