-- CreateTable
CREATE TABLE "decision" (
    "seq" BIGSERIAL NOT NULL,
    "bucket_id" UUID NOT NULL,
    "bucket_name" TEXT NOT NULL,
    "number" BIGINT NOT NULL,
    "table_id" TEXT,
    "reasons_id" TEXT NOT NULL,
    "bucket_version" INTEGER NOT NULL,
    "policies_version" INTEGER NOT NULL,
    "from_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "until_at" TIMESTAMPTZ(3),

    CONSTRAINT "decision_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "decision_reasons" (
    "id" TEXT NOT NULL,
    "content" JSONB NOT NULL,
    "last_needed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "decision_reasons_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "decision_bucket_name_seq_idx" ON "decision"("bucket_name", "seq");

-- CreateIndex
CREATE INDEX "decision_table_id_seq_idx" ON "decision"("table_id", "seq");

-- CreateIndex
CREATE INDEX "decision_until_at_idx" ON "decision"("until_at");

-- Of buckets that were decided before, the decision that holds is kept when they are decided again.
INSERT INTO "dirty_bucket" ("bucket_id") SELECT "id" FROM "bucket" ON CONFLICT DO NOTHING;
