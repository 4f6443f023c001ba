-- Calls go to all addresses of a function host that answer.
ALTER TABLE "faas_deployment" ADD COLUMN "addresses" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[];
UPDATE "faas_deployment" SET "addresses" = ARRAY["address"] WHERE "address" IS NOT NULL;
ALTER TABLE "faas_deployment" DROP COLUMN "address";
