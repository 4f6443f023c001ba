-- Tasks of a copy stand together with those of the same master's store and of the same kind: what holds all of them back, such as a
-- store that is away, a paused link or a closed window, is asked once and not of each. A bucket's master never changes.
ALTER TABLE "replica_task" ADD COLUMN "master_storage_id" UUID;
UPDATE "replica_task" t SET "master_storage_id" = COALESCE(
  (SELECT b."master_storage_id" FROM "bucket" b WHERE b."id" = t."bucket_id"), t."storage_id");
-- The version before does not know of it and may run beside this one: the database does it then.
CREATE FUNCTION "note_master_of_task"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."master_storage_id" := COALESCE(
    (SELECT b."master_storage_id" FROM "bucket" b WHERE b."id" = NEW."bucket_id"), NEW."storage_id");
  RETURN NEW;
END $$;
CREATE TRIGGER "replica_task_master" BEFORE INSERT ON "replica_task"
  FOR EACH ROW WHEN (NEW."master_storage_id" IS NULL) EXECUTE FUNCTION "note_master_of_task"();
CREATE INDEX "replica_task_storage_id_master_storage_id_kind_not_before_idx"
  ON "replica_task"("storage_id", "master_storage_id", "kind", "not_before");
