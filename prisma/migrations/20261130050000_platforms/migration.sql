-- AlterTable
ALTER TABLE "faas_deployment" ADD COLUMN     "path_template" TEXT,
ADD COLUMN     "payload" TEXT,
ADD COLUMN     "functions" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "ca_certificates" TEXT,
ADD COLUMN     "skip_tls_verify" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "client_certificate" TEXT,
ADD COLUMN     "auth" JSONB,
ADD COLUMN     "credentials" TEXT;
