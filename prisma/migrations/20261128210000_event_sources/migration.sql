-- AlterTable
ALTER TABLE "storage_deployment" ADD COLUMN     "events" TEXT NOT NULL DEFAULT 'auto',
ADD COLUMN     "sns_topics" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- CreateTable
CREATE TABLE "bucket_events" (
    "bucket_id" UUID NOT NULL,
    "heard_at" TIMESTAMPTZ(3),
    "heard_from" TEXT,
    "untold_at" TIMESTAMPTZ(3),

    CONSTRAINT "bucket_events_pkey" PRIMARY KEY ("bucket_id")
);

-- AddForeignKey
ALTER TABLE "bucket_events" ADD CONSTRAINT "bucket_events_bucket_id_fkey" FOREIGN KEY ("bucket_id") REFERENCES "bucket"("id") ON DELETE CASCADE ON UPDATE CASCADE;
