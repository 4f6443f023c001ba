// What statements of several rooms call a copy by how far it is. SQL, for a row of `replica`.

/** A whole copy: it is wanted, and its first sync was verified complete. What changed since may be missing. */
export const isWhole = (replica: string): string => `${replica}.wanted AND ${replica}.observed = 'complete'`

/** Its bucket is there and FaDO's: it is filled, or whole. */
export const isMade = (replica: string): string => `${replica}.observed IN ('syncing', 'complete')`
