-- Buckets that are being made are looked for every few seconds, and are few among many.
CREATE INDEX "bucket_state_idx" ON "bucket"("state");
