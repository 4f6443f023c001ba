-- A key is looked up by its primary key, whatever PostgreSQL has counted. Of a queue that was emptied a moment ago it believes that
-- any index with the same columns in front is as good, and reads all keys of the copy by it. So these two are for those only who ask
-- for keys by something else, and say so (`anyKey` in server/db/terms/missing.ts): what holds of every key.
DROP INDEX "dirty_object_storage_id_initial_bucket_id_not_before_idx";
CREATE INDEX "dirty_object_storage_id_initial_bucket_id_not_before_idx"
  ON "dirty_object" ("storage_id", "initial", "bucket_id", "not_before") WHERE octet_length("key") > 0;
DROP INDEX "dirty_object_bucket_id_storage_id_since_idx";
CREATE INDEX "dirty_object_bucket_id_storage_id_since_idx"
  ON "dirty_object" ("bucket_id", "storage_id", "since") WHERE octet_length("key") > 0;
-- The journal is asked by state for what is in the way only, of which there is little.
DROP INDEX "replica_object_replica_id_state_idx";
CREATE INDEX "replica_object_replica_id_state_idx"
  ON "replica_object" ("replica_id", "state") WHERE "state" IN ('conflict', 'overwrite', 'refused');
