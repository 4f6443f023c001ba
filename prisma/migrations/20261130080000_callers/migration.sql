-- CreateTable
CREATE TABLE "caller" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "audiences" TEXT[],
    "claims" JSONB NOT NULL,
    "jwks_url" TEXT,
    "jwks" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "caller_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "caller_name_key" ON "caller"("name");

-- CreateIndex
CREATE INDEX "caller_issuer_idx" ON "caller"("issuer");
