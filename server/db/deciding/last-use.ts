/**
 * SQL: a statement that notes that those rows of a table are used for which `isUsed` holds. It is noted once a day: a use may be a
 * day older than it says, and what was used today is neither written nor locked.
 */
export const noteUse = (table: 'route_table' | 'decision_reasons', isUsed: string): string =>
  `UPDATE ${table} SET last_needed_at = now() WHERE last_needed_at < now() - interval '1 day' AND ${isUsed}`
