-- AlterTable
ALTER TABLE "bucket" ADD COLUMN     "away_since" TIMESTAMPTZ(3),
ADD COLUMN     "master_choice" TEXT,
ADD COLUMN     "master_choice_from" UUID,
ADD COLUMN     "master_chosen_at" TIMESTAMPTZ(3),
ADD COLUMN     "master_rebuild" JSONB,
ADD COLUMN     "master_regress" JSONB;

-- CreateTable
CREATE TABLE "rebuild_upload" (
    "bucket_id" UUID NOT NULL,
    "key" TEXT COLLATE "C" NOT NULL,
    "upload_id" TEXT NOT NULL,

    CONSTRAINT "rebuild_upload_pkey" PRIMARY KEY ("bucket_id","key")
);

-- AddForeignKey
ALTER TABLE "rebuild_upload" ADD CONSTRAINT "rebuild_upload_bucket_id_fkey" FOREIGN KEY ("bucket_id") REFERENCES "bucket"("id") ON DELETE CASCADE ON UPDATE CASCADE;
