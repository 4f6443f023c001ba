-- AlterTable
ALTER TABLE "replica_task" ADD COLUMN     "run_id" UUID,
ADD COLUMN     "run_kind" TEXT;

-- CreateTable
CREATE TABLE "replication_run" (
    "id" UUID NOT NULL,
    "bucket_id" UUID NOT NULL,
    "storage_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "quiet" BOOLEAN NOT NULL,
    "runs" INTEGER NOT NULL DEFAULT 1,
    "began_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3) NOT NULL,
    "seconds" DOUBLE PRECISION NOT NULL,
    "objects_found" BIGINT,
    "bytes_found" BIGINT,
    "objects_done" BIGINT,
    "bytes_done" BIGINT,
    "cause" JSONB,

    CONSTRAINT "replication_run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "replica_conformance" (
    "bucket_id" UUID NOT NULL,
    "storage_id" UUID NOT NULL,
    "month" DATE NOT NULL,
    "changes" BIGINT[],
    "slowest_seconds" DOUBLE PRECISION NOT NULL,
    "slowest_key" TEXT NOT NULL,
    "slowest_at" TIMESTAMPTZ(3) NOT NULL,
    "slowest_cause" JSONB NOT NULL,

    CONSTRAINT "replica_conformance_pkey" PRIMARY KEY ("bucket_id","storage_id","month")
);

-- CreateTable
CREATE TABLE "mover" (
    "owner" UUID NOT NULL,
    "links" JSONB,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "mover_pkey" PRIMARY KEY ("owner")
);

-- CreateIndex
CREATE INDEX "replication_run_bucket_id_storage_id_began_at_idx" ON "replication_run"("bucket_id", "storage_id", "began_at");

-- CreateIndex
CREATE INDEX "replication_run_quiet_began_at_idx" ON "replication_run"("quiet", "began_at");
