-- AlterTable
ALTER TABLE "storage_deployment" ADD COLUMN     "dates_move" BOOLEAN NOT NULL DEFAULT false;
