-- AlterTable
ALTER TABLE "link_flow" ADD COLUMN     "bytes_under_way" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "objects_per_second" DOUBLE PRECISION;

-- CreateTable
CREATE TABLE "link_month" (
    "from_storage_id" UUID NOT NULL,
    "to_storage_id" UUID NOT NULL,
    "month" DATE NOT NULL,
    "bytes" BIGINT NOT NULL,

    CONSTRAINT "link_month_pkey" PRIMARY KEY ("from_storage_id","to_storage_id","month")
);

-- CreateTable
CREATE TABLE "closed_window" (
    "storage_id" UUID NOT NULL,
    "closes_at" TIMESTAMPTZ(3) NOT NULL,
    "opens_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "closed_window_pkey" PRIMARY KEY ("storage_id")
);

-- AddForeignKey
ALTER TABLE "link_month" ADD CONSTRAINT "link_month_from_storage_id_fkey" FOREIGN KEY ("from_storage_id") REFERENCES "storage_deployment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "link_month" ADD CONSTRAINT "link_month_to_storage_id_fkey" FOREIGN KEY ("to_storage_id") REFERENCES "storage_deployment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "closed_window" ADD CONSTRAINT "closed_window_storage_id_fkey" FOREIGN KEY ("storage_id") REFERENCES "storage_deployment"("id") ON DELETE CASCADE ON UPDATE CASCADE;
