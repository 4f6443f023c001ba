-- What a decision writes costs mostly its entries in indexes. A row that changes stays where it is, and has no new entry in any of
-- them, where its page has room and no column of an index changes but of BRIN.

-- The end of a decision is asked for by its retention alone. The one that holds is the last of its bucket.
DROP INDEX "decision_bucket_name_until_at_idx";
DROP INDEX "decision_until_at_idx";
CREATE INDEX "decision_bucket_name_seq_idx" ON "decision"("bucket_name", "seq");
CREATE INDEX "decision_until_at_idx" ON "decision" USING BRIN ("until_at");
ALTER TABLE "decision" SET (fillfactor = 80);

-- Copies are found by their buckets and stores.
DROP INDEX "replica_wanted_withdrawn_at_idx";
ALTER TABLE "replica" SET (fillfactor = 80);
ALTER TABLE "bucket" SET (fillfactor = 80);

-- Events are read in one order, and forgotten in about the same.
ALTER TABLE "event" DROP CONSTRAINT "event_pkey", ADD CONSTRAINT "event_pkey" PRIMARY KEY ("xid", "number");
DROP INDEX "event_xid_number_idx";
DROP INDEX "event_at_idx";
CREATE INDEX "event_at_idx" ON "event" USING BRIN ("at");
