-- Each order has the mark with which it came last: one that came again for a later run does not keep the others in force.
ALTER TABLE "replica_task"
  ALTER COLUMN "allow_deletes" DROP DEFAULT, ALTER COLUMN "overwrite" DROP DEFAULT,
  ALTER COLUMN "full" DROP DEFAULT, ALTER COLUMN "resubscribe" DROP DEFAULT;
ALTER TABLE "replica_task"
  ALTER COLUMN "allow_deletes" TYPE BIGINT USING CASE WHEN "allow_deletes" THEN GREATEST("ordered", 1) ELSE 0 END,
  ALTER COLUMN "overwrite" TYPE BIGINT USING CASE WHEN "overwrite" THEN GREATEST("ordered", 1) ELSE 0 END,
  ALTER COLUMN "full" TYPE BIGINT USING CASE WHEN "full" THEN GREATEST("ordered", 1) ELSE 0 END,
  ALTER COLUMN "resubscribe" TYPE BIGINT USING CASE WHEN "resubscribe" THEN GREATEST("ordered", 1) ELSE 0 END;
ALTER TABLE "replica_task"
  ALTER COLUMN "allow_deletes" SET DEFAULT 0, ALTER COLUMN "overwrite" SET DEFAULT 0,
  ALTER COLUMN "full" SET DEFAULT 0, ALTER COLUMN "resubscribe" SET DEFAULT 0,
  DROP COLUMN "ordered";
