-- Since when a store is known to answer, and not to have done what it was asked to write.
ALTER TABLE "replica_object" ADD COLUMN "undone_since" TIMESTAMPTZ(3);
