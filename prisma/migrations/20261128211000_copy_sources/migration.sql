-- AlterTable
ALTER TABLE "replica" ADD COLUMN "source_storage_id" UUID, ADD COLUMN "source_why" TEXT;

-- AlterTable
ALTER TABLE "replica_object" ADD COLUMN "from_storage_id" UUID;
