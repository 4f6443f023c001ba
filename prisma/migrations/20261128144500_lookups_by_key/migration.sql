-- Where PostgreSQL has counted nothing yet (a queue was empty a moment ago), an index that begins with the same columns looks
-- as good for one key as the primary key, and reads all keys of the copy. Of indexes that look alike it takes the one that was
-- made last (get_relation_info in plancat.c), so the primary keys are.
ALTER TABLE "dirty_object" DROP CONSTRAINT "dirty_object_pkey", ADD PRIMARY KEY ("bucket_id", "storage_id", "key");
ALTER TABLE "replica_object" DROP CONSTRAINT "replica_object_pkey", ADD PRIMARY KEY ("replica_id", "key");
