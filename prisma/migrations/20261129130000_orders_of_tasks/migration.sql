-- When the last order came: a run ends the orders that it began with, and none that came meanwhile.
ALTER TABLE "replica_task" ADD COLUMN "ordered" BIGINT NOT NULL DEFAULT 0;
