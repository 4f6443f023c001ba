-- AlterTable
ALTER TABLE "faas_deployment" ADD COLUMN     "takes" TEXT NOT NULL DEFAULT 'plain';
