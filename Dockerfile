# FaDO, and MinIO from source (its community edition has no images of current versions).
FROM node:24-bookworm-slim AS build
WORKDIR /opt/fado
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
# The Prisma client and the console; then what only building needs goes.
RUN node scripts/setup.mjs start && npm prune --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim AS fado
WORKDIR /opt/fado
ENV NODE_ENV=production FADO_STATE_DIR=/var/lib/fado FADO_HTTP_ADDRESS=0.0.0.0 FADO_XDS_ADDRESS=0.0.0.0
COPY --from=build /opt/fado ./
RUN mkdir -p /var/lib/fado /shared && chown node:node /var/lib/fado /shared
USER node
EXPOSE 8080 18000
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/readyz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "server/main.ts", "serve"]

FROM golang:1.26-bookworm AS minio-build
RUN CGO_ENABLED=0 go install -trimpath -ldflags="-s -w" github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c

FROM debian:bookworm-slim AS minio
COPY --from=minio-build /go/bin/minio /usr/local/bin/minio
ENTRYPOINT ["minio"]
