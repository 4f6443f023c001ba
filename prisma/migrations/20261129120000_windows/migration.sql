-- AlterTable
ALTER TABLE "link_flow" ADD COLUMN     "objects_per_second" DOUBLE PRECISION;

-- CreateTable
CREATE TABLE "closed_window" (
    "storage_id" UUID NOT NULL,
    "closes_at" TIMESTAMPTZ(3) NOT NULL,
    "opens_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "closed_window_pkey" PRIMARY KEY ("storage_id")
);

-- AddForeignKey
ALTER TABLE "closed_window" ADD CONSTRAINT "closed_window_storage_id_fkey" FOREIGN KEY ("storage_id") REFERENCES "storage_deployment"("id") ON DELETE CASCADE ON UPDATE CASCADE;
