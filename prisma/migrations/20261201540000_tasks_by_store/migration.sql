-- Tasks are claimed store by store, in the order in which they are due.
DROP INDEX "replica_task_not_before_idx";
CREATE INDEX "replica_task_storage_id_not_before_idx" ON "replica_task"("storage_id", "not_before");
