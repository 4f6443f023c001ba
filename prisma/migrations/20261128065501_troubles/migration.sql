-- AlterTable
ALTER TABLE "bucket" ADD COLUMN     "gap_since" TIMESTAMPTZ(3),
ADD COLUMN     "master_stopped" TEXT,
ADD COLUMN     "master_stopped_seen_at" TIMESTAMPTZ(3),
ADD COLUMN     "master_stopped_since" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "dirty_object" ADD COLUMN     "failure" JSONB,
ADD COLUMN     "may_delete" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "replica" ADD COLUMN     "keys_trouble" JSONB;

-- AlterTable
ALTER TABLE "replica_task" ADD COLUMN     "trouble" JSONB,
ADD COLUMN     "trouble_since" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "store_trouble" (
    "storage_id" UUID NOT NULL,
    "owner" UUID NOT NULL,
    "problem" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "store_trouble_pkey" PRIMARY KEY ("storage_id","owner")
);

-- AddForeignKey
ALTER TABLE "store_trouble" ADD CONSTRAINT "store_trouble_storage_id_fkey" FOREIGN KEY ("storage_id") REFERENCES "storage_deployment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What an earlier version wrote as a sentence stays in force.
UPDATE "bucket" SET "master_stopped" = CASE WHEN "master_cause" LIKE 'master bucket missing%' THEN 'missing' ELSE 'replaced' END,
  "master_stopped_since" = COALESCE("master_cause_since", now()), "master_stopped_seen_at" = now()
WHERE "master_cause" LIKE 'master bucket missing%' OR "master_cause" LIKE 'master bucket replaced%';
