// Which versions of a key in a bucket that FaDO made are FaDO's. Pure.
import type { JournalState } from '../../db/copies/journal-row.ts'
import type { ObjectVersion } from '../../storage/object-version.ts'

/** What is there now, as a HEAD shows it. */
export type CurrentObject = 'ours' | 'others' | 'none'

export type KeyOfVersions = {
  /** All of the key, newest first, as stores list them. */
  readonly versions: readonly ObjectVersion[]
  readonly state: JournalState
  /** Of the object that the journal knows. */
  readonly etag: string | null
  readonly current: CurrentObject
}

/**
 * FaDO overwrites and deletes only what is its own, so what lies below a version or marker of FaDO's is FaDO's too.
 * For example, of [theirs, ours, older] with ours known by its ETag, the last two.
 */
export function ownVersions({ versions, state, etag, current }: KeyOfVersions): readonly ObjectVersion[] {
  return versions.slice(firstOwn({ versions, state, etag, current }))
}

function firstOwn({ versions, state, etag, current }: KeyOfVersions): number {
  const from = (index: number) => (index < 0 ? versions.length : index)
  switch (state) {
    case 'foreign':
    case 'conflict':
    case 'overwrite':
      return versions.length
    case 'left':
      return current === 'none' ? 0 : from(versions.findIndex(({ isMarker }) => isMarker))
    case 'there':
    case 'refused':
    case 'writing':
    case 'deleting':
      return current === 'ours' ? 0 : from(versions.findIndex((one) => !one.isMarker && one.etag === etag))
  }
}
