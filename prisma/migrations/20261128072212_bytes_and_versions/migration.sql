-- AlterTable
ALTER TABLE "bucket" ADD COLUMN     "master_versioning" JSONB;

-- AlterTable
ALTER TABLE "replica" ADD COLUMN     "compared_key" TEXT,
ADD COLUMN     "compared_since" TIMESTAMPTZ(3),
ADD COLUMN     "comparing_since" TIMESTAMPTZ(3),
ADD COLUMN     "versioning" JSONB;

-- AlterTable
ALTER TABLE "replica_task" ADD COLUMN     "full" BOOLEAN NOT NULL DEFAULT false;
