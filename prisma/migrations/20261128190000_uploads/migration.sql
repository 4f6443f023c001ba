-- CreateTable
CREATE TABLE "upload" (
    "id" UUID NOT NULL,
    "bucket_id" UUID NOT NULL,
    "storage_id" UUID NOT NULL,
    "key" TEXT COLLATE "C" NOT NULL,
    "size" BIGINT NOT NULL,
    "carried" JSONB NOT NULL,
    "part_size" BIGINT,
    "store_upload_id" TEXT,
    "state" TEXT NOT NULL DEFAULT 'open',
    "etag" TEXT,
    "idempotency_key" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "upload_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "upload_expires_at_idx" ON "upload"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "upload_bucket_id_key_idempotency_key_key" ON "upload"("bucket_id", "key", "idempotency_key");

-- AddForeignKey
ALTER TABLE "upload" ADD CONSTRAINT "upload_bucket_id_fkey" FOREIGN KEY ("bucket_id") REFERENCES "bucket"("id") ON DELETE CASCADE ON UPDATE CASCADE;
