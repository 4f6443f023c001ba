-- Milliseconds round up: what was marked as due now was due up to half a millisecond later, and a claim at once passed it over.
-- More digits rewrite neither a table nor an index.
ALTER TABLE "dirty_bucket" ALTER COLUMN "not_before" SET DATA TYPE TIMESTAMPTZ(6);
ALTER TABLE "dirty_object" ALTER COLUMN "not_before" SET DATA TYPE TIMESTAMPTZ(6);
ALTER TABLE "replica_task" ALTER COLUMN "not_before" SET DATA TYPE TIMESTAMPTZ(6);
