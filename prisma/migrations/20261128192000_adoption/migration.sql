-- Buckets that were there already, copies that others made, and copies that are let go with their data.
ALTER TABLE "bucket" ADD COLUMN "adopted" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "replica" ADD COLUMN "taking_over" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "replica" ADD COLUMN "released_at" TIMESTAMPTZ(3);

CREATE TABLE "takeover" (
    "bucket_id" UUID NOT NULL,
    "storage_id" UUID NOT NULL,
    "bucket_name" TEXT NOT NULL,
    "created_on" TIMESTAMPTZ(3) NOT NULL,
    "ordered_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "takeover_pkey" PRIMARY KEY ("bucket_id","storage_id")
);
CREATE INDEX "takeover_storage_id_idx" ON "takeover"("storage_id");
ALTER TABLE "takeover" ADD CONSTRAINT "takeover_bucket_id_fkey" FOREIGN KEY ("bucket_id") REFERENCES "bucket"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "takeover" ADD CONSTRAINT "takeover_storage_id_fkey" FOREIGN KEY ("storage_id") REFERENCES "storage_deployment"("id") ON DELETE CASCADE ON UPDATE CASCADE;
