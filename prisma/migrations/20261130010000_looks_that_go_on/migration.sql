-- How far a look at a whole copy or master is, so that one that is cut off goes on there.
ALTER TABLE "replica_task" ADD COLUMN "checkpoint" JSONB;
