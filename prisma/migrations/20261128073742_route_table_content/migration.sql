-- AlterTable
ALTER TABLE "route_table" ADD COLUMN     "content" JSONB;
