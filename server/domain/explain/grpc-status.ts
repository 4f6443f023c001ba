/**
 * Envoy's own answers in gRPC, by the HTTP status that they have otherwise
 * (https://grpc.github.io/grpc/core/md_doc_http-grpc-status-mapping.html).
 */
const statuses: Readonly<Record<number, number>> = {
  200: 0,
  400: 13,
  401: 16,
  403: 7,
  404: 12,
  429: 14,
  502: 14,
  503: 14,
  504: 14,
}
const unknown = 2

export const grpcStatusOf = (status: number): number => statuses[status] ?? unknown
