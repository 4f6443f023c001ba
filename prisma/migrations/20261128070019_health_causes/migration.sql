-- AlterTable
ALTER TABLE "faas_deployment" ADD COLUMN     "health_cause" TEXT;

-- AlterTable
ALTER TABLE "storage_deployment" ADD COLUMN     "health_cause" TEXT,
ADD COLUMN     "process_began_at" TIMESTAMPTZ(3);
