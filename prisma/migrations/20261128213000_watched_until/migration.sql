-- AlterTable
ALTER TABLE "bucket" ADD COLUMN "watched_until" TIMESTAMPTZ(3);
