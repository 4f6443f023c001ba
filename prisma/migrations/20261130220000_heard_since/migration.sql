-- Since when the process of a stream was heard without a break: whether two streams of one name are of two Envoys.
ALTER TABLE "proxy_stream" ADD COLUMN "heard_since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;
