// When a key that waits counts as missing in a copy: whoever counts, ages or proves a copy asks this.

/**
 * SQL for a row of `dirty_object`. One whose `since` lies ahead is a precaution and does not count; a millisecond is what the column
 * rounds by.
 */
export const isMissing = (key: string): string => `${key}.since <= now() + interval '1 ms'`

/**
 * SQL: holds of every row of `dirty_object`. Who looks for keys by something else than their names says so by it, for the indexes for
 * that are used by no other statement: a single key is found by its primary key, and nothing else looks as good.
 */
export const anyKey = (key: string): string => `octet_length(${key}.key) > 0`

/** SQL: this row of `dirty_object` is a key of this row of `replica`. */
export const isKeyOf = (key: string, replica: string): string =>
  `${key}.bucket_id = ${replica}.bucket_id AND ${key}.storage_id = ${replica}.storage_id AND ${anyKey(key)}`

/** SQL: this copy lacks this key. */
export const isMissingIn = (key: string, replica: string): string => `${isKeyOf(key, replica)} AND ${isMissing(key)}`
