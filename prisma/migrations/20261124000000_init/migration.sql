-- CreateTable
CREATE TABLE "fleet" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "database_id" UUID NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "route_number" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "fleet_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cluster" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "zones" TEXT[],
    "labels" JSONB NOT NULL DEFAULT '[]',
    "state" TEXT NOT NULL DEFAULT 'active',
    "version" INTEGER NOT NULL DEFAULT 1,
    "idempotency_key" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "cluster_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "faas_deployment" (
    "id" UUID NOT NULL,
    "cluster_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "weight" INTEGER NOT NULL DEFAULT 1,
    "probe_path" TEXT,
    "health" TEXT NOT NULL DEFAULT 'unknown',
    "health_since" TIMESTAMPTZ(3),
    "health_detail" TEXT,
    "address" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "faas_deployment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "storage_deployment" (
    "id" UUID NOT NULL,
    "cluster_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "public_endpoint" TEXT,
    "region" TEXT,
    "management_url" TEXT,
    "bucket_name_template" TEXT NOT NULL DEFAULT '{bucket}',
    "credentials" TEXT NOT NULL,
    "capabilities" TEXT[],
    "state" TEXT NOT NULL DEFAULT 'active',
    "forget" BOOLEAN NOT NULL DEFAULT false,
    "version" INTEGER NOT NULL DEFAULT 1,
    "health" TEXT NOT NULL DEFAULT 'unknown',
    "health_since" TIMESTAMPTZ(3),
    "health_detail" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "storage_deployment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bucket" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'creating',
    "master_storage_id" UUID NOT NULL,
    "master_bucket_name" TEXT NOT NULL,
    "create_sent_at" TIMESTAMPTZ(3),
    "master_created_on" TIMESTAMPTZ(3),
    "epoch" INTEGER NOT NULL DEFAULT 1,
    "version" INTEGER NOT NULL DEFAULT 1,
    "generation" BIGINT NOT NULL DEFAULT 0,
    "delete_data" BOOLEAN NOT NULL DEFAULT false,
    "idempotency_key" TEXT,
    "placement_condition" TEXT NOT NULL DEFAULT 'PLACED',
    "placement_reasons" JSONB NOT NULL DEFAULT '[]',
    "master_cause" TEXT,
    "master_cause_since" TIMESTAMPTZ(3),
    "master_swept_at" TIMESTAMPTZ(3),
    "master_done" BOOLEAN NOT NULL DEFAULT false,
    "objects" BIGINT,
    "bytes" BIGINT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "bucket_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "policy_value" (
    "scope" TEXT NOT NULL,
    "scope_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "value" JSONB NOT NULL,

    CONSTRAINT "policy_value_pkey" PRIMARY KEY ("scope","scope_id","name")
);

-- CreateTable
CREATE TABLE "route_override" (
    "bucket_id" UUID NOT NULL,
    "lb_policy" TEXT,
    "clusters" JSONB,

    CONSTRAINT "route_override_pkey" PRIMARY KEY ("bucket_id")
);

-- CreateTable
CREATE TABLE "replica" (
    "id" UUID NOT NULL,
    "bucket_id" UUID NOT NULL,
    "storage_id" UUID NOT NULL,
    "bucket_name" TEXT NOT NULL,
    "wanted" BOOLEAN NOT NULL,
    "serving" BOOLEAN NOT NULL DEFAULT false,
    "stale" BOOLEAN NOT NULL DEFAULT false,
    "generation" BIGINT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "withdrawn_number" BIGINT,
    "withdrawn_at" TIMESTAMPTZ(3),
    "decided_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "observed" TEXT NOT NULL DEFAULT 'absent',
    "cause" TEXT,
    "create_sent_at" TIMESTAMPTZ(3),
    "complete_at" TIMESTAMPTZ(3),
    "verified_at" TIMESTAMPTZ(3),
    "conflicts" INTEGER NOT NULL DEFAULT 0,
    "braked" INTEGER NOT NULL DEFAULT 0,
    "braked_since" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "replica_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "replica_task" (
    "bucket_id" UUID NOT NULL,
    "storage_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "generation" BIGINT NOT NULL DEFAULT 1,
    "not_before" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lease_owner" UUID,
    "lease_until" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "allow_deletes" BOOLEAN NOT NULL DEFAULT false,
    "overwrite" BOOLEAN NOT NULL DEFAULT false,
    "resubscribe" BOOLEAN NOT NULL DEFAULT false,
    "interval_s" INTEGER NOT NULL DEFAULT 60,
    "phase" TEXT,
    "objects_done" BIGINT NOT NULL DEFAULT 0,
    "objects_total" BIGINT NOT NULL DEFAULT 0,
    "bytes_done" BIGINT NOT NULL DEFAULT 0,
    "bytes_total" BIGINT NOT NULL DEFAULT 0,
    "bytes_per_second" DOUBLE PRECISION,
    "started_at" TIMESTAMPTZ(3),

    CONSTRAINT "replica_task_pkey" PRIMARY KEY ("bucket_id","storage_id")
);

-- CreateTable
CREATE TABLE "dirty_object" (
    "bucket_id" UUID NOT NULL,
    "storage_id" UUID NOT NULL,
    "key" TEXT COLLATE "C" NOT NULL,
    "generation" BIGINT NOT NULL DEFAULT 1,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "since_next" TIMESTAMPTZ(3),
    "size" BIGINT,
    "initial" BOOLEAN NOT NULL DEFAULT false,
    "not_before" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lease_owner" UUID,
    "lease_until" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "cause" TEXT,
    "look_again_at" TIMESTAMPTZ(3),

    CONSTRAINT "dirty_object_pkey" PRIMARY KEY ("bucket_id","storage_id","key")
);

-- CreateTable
CREATE TABLE "replica_object" (
    "replica_id" UUID NOT NULL,
    "key" TEXT COLLATE "C" NOT NULL,
    "state" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "source_etag" TEXT,
    "source_modified" TIMESTAMPTZ(3),
    "carried" TEXT,
    "size" BIGINT,
    "target_etag" TEXT,
    "target_modified" TIMESTAMPTZ(3),
    "target_carried" TEXT,
    "upload_id" TEXT,
    "verified_at" TIMESTAMPTZ(3),

    CONSTRAINT "replica_object_pkey" PRIMARY KEY ("replica_id","key")
);

-- CreateTable
CREATE TABLE "object_record" (
    "bucket_id" UUID NOT NULL,
    "key" TEXT COLLATE "C" NOT NULL,
    "size" BIGINT NOT NULL,
    "etag" TEXT NOT NULL,
    "last_modified" TIMESTAMPTZ(3),
    "content_type" TEXT,

    CONSTRAINT "object_record_pkey" PRIMARY KEY ("bucket_id","key")
);

-- CreateTable
CREATE TABLE "foreign_bucket" (
    "storage_id" UUID NOT NULL,
    "bucket_name" TEXT NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "foreign_bucket_pkey" PRIMARY KEY ("storage_id","bucket_name")
);

-- CreateTable
CREATE TABLE "dirty_bucket" (
    "bucket_id" UUID NOT NULL,
    "generation" BIGINT NOT NULL DEFAULT 1,
    "intent" BOOLEAN NOT NULL DEFAULT false,
    "narrowing" BOOLEAN NOT NULL DEFAULT false,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "not_before" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lease_owner" UUID,
    "lease_until" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "dirty_bucket_pkey" PRIMARY KEY ("bucket_id")
);

-- CreateTable
CREATE TABLE "route" (
    "bucket_id" UUID NOT NULL,
    "bucket_name" TEXT NOT NULL,
    "number" BIGINT NOT NULL,
    "table_id" TEXT,
    "overridden" BOOLEAN NOT NULL DEFAULT false,
    "decided_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "route_pkey" PRIMARY KEY ("bucket_id")
);

-- CreateTable
CREATE TABLE "route_table" (
    "id" TEXT NOT NULL,
    "clusters" TEXT[],
    "lb_policy" TEXT NOT NULL,
    "timeout_ms" INTEGER NOT NULL,
    "last_needed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "route_table_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "proxy_node" (
    "id" UUID NOT NULL,
    "node_id" TEXT NOT NULL,
    "version" TEXT,

    CONSTRAINT "proxy_node_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "proxy_stream" (
    "id" UUID NOT NULL,
    "proxy_node_id" UUID NOT NULL,
    "process_id" UUID NOT NULL,
    "connected_since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "heartbeat_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "acked_through" BIGINT NOT NULL DEFAULT 0,
    "closed_at" TIMESTAMPTZ(3),
    "lease_until" TIMESTAMPTZ(3),

    CONSTRAINT "proxy_stream_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "proxy_exception" (
    "proxy_node_id" UUID NOT NULL,
    "stream_id" UUID NOT NULL,
    "bucket_name" TEXT NOT NULL,
    "number" BIGINT NOT NULL,
    "state" TEXT NOT NULL,
    "error" TEXT,

    CONSTRAINT "proxy_exception_pkey" PRIMARY KEY ("stream_id","bucket_name")
);

-- CreateTable
CREATE TABLE "event" (
    "number" BIGSERIAL NOT NULL,
    "xid" BIGINT NOT NULL DEFAULT ((pg_current_xact_id())::text)::bigint,
    "topic" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "event_pkey" PRIMARY KEY ("number")
);

-- CreateTable
CREATE TABLE "audit_event" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "detail" JSONB NOT NULL,

    CONSTRAINT "audit_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_token" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "zones" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_token_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "cluster_name_key" ON "cluster"("name");

-- CreateIndex
CREATE UNIQUE INDEX "cluster_idempotency_key_key" ON "cluster"("idempotency_key");

-- CreateIndex
CREATE UNIQUE INDEX "faas_deployment_url_key" ON "faas_deployment"("url");

-- CreateIndex
CREATE INDEX "faas_deployment_cluster_id_idx" ON "faas_deployment"("cluster_id");

-- CreateIndex
CREATE UNIQUE INDEX "storage_deployment_name_key" ON "storage_deployment"("name");

-- CreateIndex
CREATE UNIQUE INDEX "storage_deployment_endpoint_key" ON "storage_deployment"("endpoint");

-- CreateIndex
CREATE INDEX "storage_deployment_cluster_id_idx" ON "storage_deployment"("cluster_id");

-- CreateIndex
CREATE UNIQUE INDEX "bucket_name_key" ON "bucket"("name");

-- CreateIndex
CREATE UNIQUE INDEX "bucket_idempotency_key_key" ON "bucket"("idempotency_key");

-- CreateIndex
CREATE INDEX "bucket_master_storage_id_idx" ON "bucket"("master_storage_id");

-- CreateIndex
CREATE INDEX "bucket_master_bucket_name_idx" ON "bucket"("master_bucket_name");

-- CreateIndex
CREATE INDEX "replica_storage_id_idx" ON "replica"("storage_id");

-- CreateIndex
CREATE INDEX "replica_wanted_withdrawn_at_idx" ON "replica"("wanted", "withdrawn_at");

-- CreateIndex
CREATE UNIQUE INDEX "replica_bucket_id_storage_id_key" ON "replica"("bucket_id", "storage_id");

-- CreateIndex
CREATE INDEX "replica_task_not_before_idx" ON "replica_task"("not_before");

-- CreateIndex
CREATE INDEX "dirty_object_not_before_idx" ON "dirty_object"("not_before");

-- CreateIndex
CREATE INDEX "dirty_object_storage_id_initial_bucket_id_not_before_idx" ON "dirty_object"("storage_id", "initial", "bucket_id", "not_before");

-- CreateIndex
CREATE INDEX "dirty_object_bucket_id_storage_id_since_idx" ON "dirty_object"("bucket_id", "storage_id", "since");

-- CreateIndex
CREATE INDEX "replica_object_replica_id_state_idx" ON "replica_object"("replica_id", "state");

-- CreateIndex
CREATE INDEX "dirty_bucket_not_before_idx" ON "dirty_bucket"("not_before");

-- CreateIndex
CREATE UNIQUE INDEX "route_number_key" ON "route"("number");

-- CreateIndex
CREATE INDEX "route_table_id_idx" ON "route"("table_id");

-- CreateIndex
CREATE UNIQUE INDEX "proxy_node_node_id_key" ON "proxy_node"("node_id");

-- CreateIndex
CREATE INDEX "proxy_stream_proxy_node_id_idx" ON "proxy_stream"("proxy_node_id");

-- CreateIndex
CREATE INDEX "proxy_stream_process_id_idx" ON "proxy_stream"("process_id");

-- CreateIndex
CREATE INDEX "proxy_exception_bucket_name_idx" ON "proxy_exception"("bucket_name");

-- CreateIndex
CREATE INDEX "proxy_exception_proxy_node_id_idx" ON "proxy_exception"("proxy_node_id");

-- CreateIndex
CREATE INDEX "event_xid_number_idx" ON "event"("xid", "number");

-- CreateIndex
CREATE INDEX "event_at_idx" ON "event"("at");

-- CreateIndex
CREATE INDEX "audit_event_at_idx" ON "audit_event"("at");

-- CreateIndex
CREATE UNIQUE INDEX "api_token_hash_key" ON "api_token"("hash");

-- AddForeignKey
ALTER TABLE "faas_deployment" ADD CONSTRAINT "faas_deployment_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "storage_deployment" ADD CONSTRAINT "storage_deployment_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bucket" ADD CONSTRAINT "bucket_master_storage_id_fkey" FOREIGN KEY ("master_storage_id") REFERENCES "storage_deployment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "route_override" ADD CONSTRAINT "route_override_bucket_id_fkey" FOREIGN KEY ("bucket_id") REFERENCES "bucket"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "replica" ADD CONSTRAINT "replica_bucket_id_fkey" FOREIGN KEY ("bucket_id") REFERENCES "bucket"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "replica" ADD CONSTRAINT "replica_storage_id_fkey" FOREIGN KEY ("storage_id") REFERENCES "storage_deployment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "replica_object" ADD CONSTRAINT "replica_object_replica_id_fkey" FOREIGN KEY ("replica_id") REFERENCES "replica"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "object_record" ADD CONSTRAINT "object_record_bucket_id_fkey" FOREIGN KEY ("bucket_id") REFERENCES "bucket"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "foreign_bucket" ADD CONSTRAINT "foreign_bucket_storage_id_fkey" FOREIGN KEY ("storage_id") REFERENCES "storage_deployment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dirty_bucket" ADD CONSTRAINT "dirty_bucket_bucket_id_fkey" FOREIGN KEY ("bucket_id") REFERENCES "bucket"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "route" ADD CONSTRAINT "route_table_id_fkey" FOREIGN KEY ("table_id") REFERENCES "route_table"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "proxy_stream" ADD CONSTRAINT "proxy_stream_proxy_node_id_fkey" FOREIGN KEY ("proxy_node_id") REFERENCES "proxy_node"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "proxy_exception" ADD CONSTRAINT "proxy_exception_proxy_node_id_fkey" FOREIGN KEY ("proxy_node_id") REFERENCES "proxy_node"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- The one row of the fleet.
INSERT INTO "fleet" ("id", "database_id") VALUES (1, gen_random_uuid());

-- Queues: rows come and go all the time, so they are vacuumed early and updated in place.
ALTER TABLE "dirty_object" SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
ALTER TABLE "dirty_bucket" SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
