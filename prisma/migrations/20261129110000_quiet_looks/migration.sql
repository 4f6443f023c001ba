-- AlterTable
ALTER TABLE "replica_task" ADD COLUMN     "quiet_looks" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "quiet_since" TIMESTAMPTZ(3);
