-- Which buckets have a priority of their own is asked whenever work is claimed.
CREATE INDEX "policy_value_name_idx" ON "policy_value"("name");
