/** Work on a whole copy, and the run that does it; null: nobody does. */
export type CopyRun = { readonly replicaId: string; readonly runId: string | null }

/**
 * SQL, for a query with `replica r`: this run has the work on the whole copy. A statement may wait for a connection or a lock until
 * after its run's lease, and by then the copy may live again. Null: nobody works on the copy.
 */
export const isRunBy = (
  runId: string,
): string => `(${runId}::uuid IS NULL OR ${runId} = (SELECT t.run_id FROM replica_task t
  WHERE t.bucket_id = r.bucket_id AND t.storage_id = r.storage_id AND t.lease_owner IS NOT NULL))`
