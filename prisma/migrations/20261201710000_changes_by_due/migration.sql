-- What events told of and became due last, also where a first sync marks thousands of keys at the same time.
CREATE INDEX "dirty_object_told_not_before_idx" ON "dirty_object"("not_before") WHERE NOT "initial";
