// Whether what the master shows of a key is older than what FaDO knows of it: it was seen newer, or was not there when the whole
// bucket was looked at after the time that it has. Pure. Whether that may be believed is decided for the whole bucket
// (`tasks/judge-master.ts`): only a look that judged the master sets a record back or records what came back, and only to what a
// record says may a copy go back.
import type { BucketFacts, SeenVersion } from '../../db/copies/copies.ts'
import type { JournalRow } from '../../db/copies/journal-row.ts'
import { isOlder } from '../../domain/replica/regress.ts'

/** As the store answered it; `serverDate` null: it did not tell its clock. */
export type AnsweredVersion = SeenVersion & { readonly serverDate: number | null }

/** Both times of an answer are in whole seconds, and the answer took a moment. */
const slackSeconds = 2

export type KnownOfKey = {
  readonly bucket: Pick<BucketFacts, 'knownSeconds'>
  /** Null: there is none. */
  readonly record: SeenVersion | null
  readonly journal: Pick<JournalRow, 'sourceModified' | 'verified'> | null
}

export function wentBack(source: AnsweredVersion, { bucket, record, journal }: KnownOfKey): boolean {
  const { etag, lastModified, serverDate } = source
  const copied = journal?.verified === true ? journal.sourceModified : null
  if (record === null && copied === null) {
    const age = serverDate === null ? 0 : (serverDate - lastModified) / 1000
    return bucket.knownSeconds !== null && age > bucket.knownSeconds + slackSeconds
  }
  if (record !== null && record.etag === etag && !isOlder(lastModified, record.lastModified)) return false
  return [record?.lastModified, copied].some((seen) => seen != null && isOlder(lastModified, seen))
}
