-- AlterTable
ALTER TABLE "storage_deployment" ADD COLUMN     "addressing" TEXT NOT NULL DEFAULT 'auto',
ADD COLUMN     "ca_certificates" TEXT,
ADD COLUMN     "lacking" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "skip_tls_verify" BOOLEAN NOT NULL DEFAULT false;
