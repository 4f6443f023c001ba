import { unavailable } from '../domain/errors.ts'
import { tryAgain } from '../services/shared/database-away.ts'

/** For `sendError` and its kin: the database cannot be used, as `away` says. */
export const whileAway = (away: string) => [503, unavailable, tryAgain(away), { 'retry-after': '1' }] as const
