-- CreateTable
CREATE TABLE "bucket_pause" (
    "bucket_id" UUID NOT NULL,
    "actor" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "bucket_pause_pkey" PRIMARY KEY ("bucket_id")
);

-- CreateTable
CREATE TABLE "link_pause" (
    "from_storage_id" UUID NOT NULL,
    "to_storage_id" UUID NOT NULL,
    "actor" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "link_pause_pkey" PRIMARY KEY ("from_storage_id","to_storage_id")
);

-- CreateTable
CREATE TABLE "link_flow" (
    "owner" UUID NOT NULL,
    "from_storage_id" UUID NOT NULL,
    "to_storage_id" UUID NOT NULL,
    "moving" INTEGER NOT NULL,
    "bytes_per_second" DOUBLE PRECISION,
    "round_trip_ms" DOUBLE PRECISION,
    "concurrency" INTEGER NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "link_flow_pkey" PRIMARY KEY ("owner","from_storage_id","to_storage_id")
);

-- CreateTable
CREATE TABLE "bandwidth_share" (
    "cluster_id" UUID NOT NULL,
    "owner" UUID NOT NULL,
    "wanted" DOUBLE PRECISION NOT NULL,
    "granted" DOUBLE PRECISION NOT NULL,
    "lease_until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "bandwidth_share_pkey" PRIMARY KEY ("cluster_id","owner")
);

-- AddForeignKey
ALTER TABLE "bucket_pause" ADD CONSTRAINT "bucket_pause_bucket_id_fkey" FOREIGN KEY ("bucket_id") REFERENCES "bucket"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "link_pause" ADD CONSTRAINT "link_pause_from_storage_id_fkey" FOREIGN KEY ("from_storage_id") REFERENCES "storage_deployment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "link_pause" ADD CONSTRAINT "link_pause_to_storage_id_fkey" FOREIGN KEY ("to_storage_id") REFERENCES "storage_deployment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "link_flow" ADD CONSTRAINT "link_flow_from_storage_id_fkey" FOREIGN KEY ("from_storage_id") REFERENCES "storage_deployment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "link_flow" ADD CONSTRAINT "link_flow_to_storage_id_fkey" FOREIGN KEY ("to_storage_id") REFERENCES "storage_deployment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bandwidth_share" ADD CONSTRAINT "bandwidth_share_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster"("id") ON DELETE CASCADE ON UPDATE CASCADE;
