-- AlterTable
ALTER TABLE "link_flow" ALTER COLUMN "concurrency" DROP NOT NULL,
ADD COLUMN     "in_use" INTEGER,
ADD COLUMN     "most" INTEGER,
ADD COLUMN     "lowered_by" TEXT,
ADD COLUMN     "lowered_storage_id" UUID,
ADD COLUMN     "lowered_at" TIMESTAMPTZ(3);
