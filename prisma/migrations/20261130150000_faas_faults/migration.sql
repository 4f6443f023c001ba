-- Since when calls are known to be refused by the platform itself, and whether it knows the path that its kind is probed at.
-- AlterTable
ALTER TABLE "faas_deployment" ADD COLUMN     "lacks_path" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "refused_since" TIMESTAMPTZ(3);
