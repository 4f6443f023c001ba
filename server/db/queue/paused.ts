// Pauses that users order: whoever claims keys or tasks, and whoever writes to a copy, asks the same rule. Only the copying
// stops: what takes data away (evictions, deletions of buckets) and what looks at masters goes on.

/** SQL for a row of `bucket` and the store of one of its copies: whether the copying between them is paused. */
export const isPaused = (bucket: string, storageId: string): string =>
  `(EXISTS (SELECT 1 FROM bucket_pause bp WHERE bp.bucket_id = ${bucket}.id)
    OR EXISTS (SELECT 1 FROM link_pause lp WHERE lp.from_storage_id = ${bucket}.master_storage_id AND lp.to_storage_id = ${storageId}))`

/** SQL for a row of `replica_task` called `t`: it is work on a copy's content, and that is paused. */
export const isPausedTask = `(t.kind IN ('sweep', 'first_sync') AND EXISTS (
  SELECT 1 FROM bucket b WHERE b.id = t.bucket_id AND ${isPaused('b', 't.storage_id')}))`
