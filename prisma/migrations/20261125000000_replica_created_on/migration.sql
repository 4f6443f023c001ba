-- AlterTable
ALTER TABLE "replica" ADD COLUMN     "created_on" TIMESTAMPTZ(3);
