-- CreateTable
CREATE TABLE "health_change" (
    "number" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "storage_id" UUID,
    "faas_id" UUID,
    "health" TEXT NOT NULL,
    "cause" TEXT,
    "detail" TEXT,

    CONSTRAINT "health_change_pkey" PRIMARY KEY ("number")
);

-- CreateIndex
CREATE INDEX "health_change_storage_id_number_idx" ON "health_change"("storage_id", "number");

-- CreateIndex
CREATE INDEX "health_change_faas_id_number_idx" ON "health_change"("faas_id", "number");

-- AddForeignKey
ALTER TABLE "health_change" ADD CONSTRAINT "health_change_storage_id_fkey" FOREIGN KEY ("storage_id") REFERENCES "storage_deployment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "health_change" ADD CONSTRAINT "health_change_faas_id_fkey" FOREIGN KEY ("faas_id") REFERENCES "faas_deployment"("id") ON DELETE CASCADE ON UPDATE CASCADE;
