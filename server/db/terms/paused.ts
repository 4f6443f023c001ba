// Pauses that users order, and windows outside of which nothing is copied: whoever claims keys or tasks, and whoever writes to a
// copy, asks the same rules. Only the copying stops: what takes data away (evictions, deletions of buckets) and what looks at masters goes on.

/** SQL: the copying of a bucket, by its id, is paused. */
export const isBucketPaused = (bucketId: string): string =>
  `EXISTS (SELECT 1 FROM bucket_pause bp WHERE bp.bucket_id = ${bucketId})`

/** SQL: the copying from one store to another is paused. */
export const isLinkPaused = (from: string, to: string): string =>
  `EXISTS (SELECT 1 FROM link_pause lp WHERE lp.from_storage_id = ${from} AND lp.to_storage_id = ${to})`

/** SQL for a row of `bucket` and the store of one of its copies: whether the copying between them is paused. */
export const isPaused = (bucket: string, storageId: string): string =>
  `(${isBucketPaused(`${bucket}.id`)} OR ${isLinkPaused(`${bucket}.master_storage_id`, storageId)})`

/** SQL: the window of one of these stores is closed. Movers keep these times ahead, so they hold to the moment. */
export const isClosed = (...storageIds: string[]): string => `EXISTS (SELECT 1 FROM closed_window cw
  WHERE cw.storage_id IN (${storageIds.join(', ')}) AND cw.closes_at <= now() AND cw.opens_at > now())`

/** SQL: work of this kind is work on a copy's content, which alone is held by pauses and windows. */
export const isOfContent = (kind: string): string => `${kind} IN ('sweep', 'first_sync')`

/** SQL for a row of `replica_task` called `t`: it is work on a copy's content, and that is paused or outside of a window. */
export const isHeldTask = `(${isOfContent('t.kind')} AND (${isBucketPaused('t.bucket_id')}
  OR ${isLinkPaused('t.master_storage_id', 't.storage_id')} OR ${isClosed('t.master_storage_id', 't.storage_id')}))`
