-- AlterTable
ALTER TABLE "faas_deployment" ADD COLUMN     "lists_functions" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "listed_functions" TEXT[] DEFAULT ARRAY[]::TEXT[];
