-- The decision of a bucket that holds is found by one index, however many buckets have one: PostgreSQL asked that of the
-- bucket, and that of all that hold, and took what was in both.
DROP INDEX "decision_bucket_name_seq_idx";
CREATE INDEX "decision_bucket_name_until_at_idx" ON "decision"("bucket_name", "until_at");

-- The copies that are stale, or braked, are looked for each second.
CREATE INDEX "replica_stale_braked_since_idx" ON "replica"("stale", "braked_since");
