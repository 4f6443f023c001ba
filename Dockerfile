# FaDO, and MinIO from source (its community edition has no images of current versions).
FROM node:24-bookworm-slim AS build
WORKDIR /opt/fado
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
# The Prisma client and the console; then what only building needs goes, and what the image (Node) and other services
# (PostgreSQL) bring.
RUN node scripts/setup.mjs start \
  && npm prune --omit=dev --omit=optional --omit=peer --no-audit --no-fund \
  && rm -rf .next/cache .fado

FROM node:24-bookworm-slim AS fado
WORKDIR /opt/fado
ENV NODE_ENV=production FADO_STATE_DIR=/var/lib/fado FADO_HTTP_ADDRESS=0.0.0.0 FADO_XDS_ADDRESS=0.0.0.0 \
  FADO_MOVER_ADDRESS=0.0.0.0 FADO_MOVER_PORT=18001
COPY --from=build /opt/fado ./
# A volume gets the owner of the folder that it is mounted on first.
RUN ln -s /opt/fado/bin/fado.mjs /usr/local/bin/fado \
  && mkdir -p /var/lib/fado /start/envoy /start/stores && chown node:node /var/lib/fado /start/envoy /start/stores
USER node
EXPOSE 8080 18000 18001
# By bash, for a program of Node would cost a fifth of a second each time.
HEALTHCHECK --interval=5s --timeout=10s --start-period=60s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${FADO_HTTP_PORT:-8080} && printf 'GET /readyz HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nConnection: close\\r\\n\\r\\n' >&3 && grep -q '^HTTP/1.1 200 ' <&3"]
CMD ["node", "server/main.ts", "serve"]

FROM golang:1.26-bookworm AS minio-build
# The version of scripts/setup/tools.mjs.
RUN CGO_ENABLED=0 go install -trimpath -ldflags="-s -w" github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c

FROM debian:bookworm-slim AS minio
COPY --from=minio-build /go/bin/minio /usr/local/bin/minio
RUN useradd --system --uid 1000 --user-group minio && mkdir /data && chown minio:minio /data
USER minio
ENTRYPOINT ["minio"]
