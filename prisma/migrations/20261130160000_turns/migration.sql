-- What a change of the whole fleet marks waits behind what a store's failure marks, and that behind changes of single buckets.
-- The index gives claims their order, however many wait.
ALTER TABLE "dirty_bucket" ADD COLUMN "turn" SMALLINT NOT NULL DEFAULT 0;
DROP INDEX "dirty_bucket_not_before_idx";
CREATE INDEX "dirty_bucket_turn_intent_not_before_idx" ON "dirty_bucket"("turn", "intent" DESC, "not_before");
