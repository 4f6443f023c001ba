// Calls are of two kinds, for gRPC wants HTTP/2 and most of its servers speak nothing else, while other calls go over HTTP/1.1. So a
// deployment says which it takes, and none ever gets the others.

export const callKinds = ['plain', 'grpc'] as const
/** `grpc`: what says so by its content type. `plain`: all else, gRPC-Web too. */
export type CallKind = (typeof callKinds)[number]

/** What a deployment takes. */
export type Takes = CallKind | 'both'

/** Absent: plain calls. */
type Taking = { readonly takes?: Takes }

export const takesKind = ({ takes = 'plain' }: Taking, kind: CallKind): boolean => takes === 'both' || takes === kind

/** The kinds that calls are told apart by: while no deployment takes gRPC all are taken for plain ones. */
export const kindsTold = (deployments: readonly Taking[]): readonly CallKind[] =>
  deployments.some((one) => takesKind(one, 'grpc')) ? callKinds : plainOnly
const plainOnly = ['plain'] as const

/** What is to be done where none takes gRPC that should. */
export const setToTakeGrpc =
  'One whose server speaks gRPC takes it once that is said: fado function update ID --takes grpc, or --takes both'

/** As Envoy knows a call of gRPC, e.g. by `application/grpc+proto`; `application/grpc-web` is none. */
export const isGrpc = (contentType: string | undefined): boolean => /^application\/grpc(\+|$)/.test(contentType ?? '')
