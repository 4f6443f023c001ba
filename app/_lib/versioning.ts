import type { VersioningPartsFragment } from '../../graphql/generated/operations.ts'
import { plural } from './format.ts'

/** What a copy's bucket keeps beside its objects; null: nothing, or nobody knows. */
export function versioningWords(versioning: VersioningPartsFragment | null): string | null {
  if (versioning === null || versioning.versions === 'NONE') return null
  if (versioning.versions === 'SUSPENDED') return 'may have old versions'
  if (!versioning.objectLock) return 'keeps versions'
  if (versioning.retentionDays === null) return 'keeps versions, may lock them'
  return `keeps versions, locks them for ${plural(versioning.retentionDays, 'day')}`
}
