-- To which control plane an Envoy is connected, as people know it.
ALTER TABLE "proxy_stream" ADD COLUMN "control_plane" TEXT;
