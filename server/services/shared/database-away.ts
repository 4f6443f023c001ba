import { databaseOutage } from '../../db/core/outage.ts'
import { StorageError } from '../../storage/storage-error.ts'

/** What is said to who meets that. */
export const tryAgain = (away: string): string => `${away}. Try again in a moment`

/** Why the database cannot be used, in a sentence, when an unexpected error tells so; else undefined. A store's network is its own matter. */
export const databaseAway = (error: unknown): string | undefined =>
  error instanceof StorageError ? undefined : databaseOutage(error)
