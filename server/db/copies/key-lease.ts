/**
 * SQL, for a query with `replica r`: the key is leased to this holder. A statement may wait for a connection or a lock until after
 * its holder's lease, and what it says of the key is another's by then. Null: nobody works on the key. Not as an EXISTS, for
 * which PostgreSQL may read all keys that anybody holds.
 */
export const isLeasedTo = (
  holder: string,
  key: string,
): string => `(${holder}::uuid IS NULL OR ${holder} = (SELECT h.lease_owner FROM dirty_object h
  WHERE h.bucket_id = r.bucket_id AND h.storage_id = r.storage_id AND h.key = ${key}))`
