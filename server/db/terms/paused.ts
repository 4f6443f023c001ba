// Pauses that users order, and windows outside of which nothing is copied: whoever claims keys or tasks, and whoever writes to a
// copy, asks the same rules. Only the copying stops: what takes data away (evictions, deletions of buckets) and what looks at masters goes on.

/** SQL for a row of `bucket` and the store of one of its copies: whether the copying between them is paused. */
export const isPaused = (bucket: string, storageId: string): string =>
  `(EXISTS (SELECT 1 FROM bucket_pause bp WHERE bp.bucket_id = ${bucket}.id)
    OR EXISTS (SELECT 1 FROM link_pause lp WHERE lp.from_storage_id = ${bucket}.master_storage_id AND lp.to_storage_id = ${storageId}))`

/** SQL: the window of one of these stores is closed. Movers keep these times ahead, so they hold to the moment. */
export const isClosed = (...storageIds: string[]): string => `EXISTS (SELECT 1 FROM closed_window cw
  WHERE cw.storage_id IN (${storageIds.join(', ')}) AND cw.closes_at <= now() AND cw.opens_at > now())`

/** SQL for a row of `replica_task` called `t`: it is work on a copy's content, and that is paused or outside of a window. */
export const isHeldTask = `(t.kind IN ('sweep', 'first_sync') AND EXISTS (
  SELECT 1 FROM bucket b WHERE b.id = t.bucket_id
    AND (${isPaused('b', 't.storage_id')} OR ${isClosed('b.master_storage_id', 't.storage_id')})))`
