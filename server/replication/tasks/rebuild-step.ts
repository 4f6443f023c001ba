// What to do about one key when a master is made again from a replica. Pure.
import type { JournalEntry } from '../../db/copies/read-journal.ts'
import { isOlder, isWrittenSince } from '../../domain/replica/regress.ts'
import type { ListedObject } from '../../storage/storage-values.ts'

export type RebuildStep =
  /** `replaced`: the ETag of what is older there and may be replaced as it is; null: only if nothing is there. */
  | { readonly step: 'copy'; readonly replaced: string | null }
  /** The master has it as the replica, or newer. */
  | { readonly step: 'nothing' }
  | { readonly step: 'keep' }
  /** What lies on the replica is not what FaDO wrote there. */
  | { readonly step: 'unfit' }

/** `processStartedAt`: as of `isWrittenSince`. Undefined: FaDO wrote no verified copy of it there. */
export function rebuildStep(
  journal: JournalEntry | undefined,
  copy: Pick<ListedObject, 'etag'> | undefined,
  master: Pick<ListedObject, 'etag' | 'lastModified'> | undefined,
  processStartedAt: number | null,
): RebuildStep | undefined {
  if (journal?.state !== 'there' || !journal.verified || journal.targetEtag === null) return undefined
  if (copy?.etag !== journal.targetEtag) return { step: 'unfit' }
  if (master === undefined) return { step: 'copy', replaced: null }
  const seen = journal.sourceModified
  const older = seen !== null && isOlder(master.lastModified, seen)
  if (older && !isWrittenSince(master.lastModified, processStartedAt)) return { step: 'copy', replaced: master.etag }
  return { step: master.etag === journal.sourceEtag ? 'nothing' : 'keep' }
}
