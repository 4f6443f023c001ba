// Whether PostgreSQL, or the way to it, is the cause of an error, in words for users: told by what pg and Prisma throw, for
// who was asked knows nothing of pools.
import { driverKind, sqlState } from './transaction.ts'

/** SQLSTATE: the connection, the server's resources, an operator's intervention, its system. */
const serverStates = /^(08|53|57|58)[0-9A-Z]{3}$/
/** The network, as Node says it, and Prisma's codes for the same. */
const networkCodes = new Set(
  'ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH ENOENT P1001 P1002 P1008 P1017 P2024 P2028'.split(
    ' ',
  ),
)
/** A connection's failures as Prisma's driver names them, in our words: not all that Prisma throws has a code that tells. */
const driverKinds: Readonly<Record<string, string>> = {
  ConnectionClosed: 'the connection was closed',
  DatabaseNotReachable: 'it cannot be reached',
  SocketTimeout: 'it did not answer in time',
  TlsConnectionError: 'no TLS connection could be made',
  TooManyConnections: 'it has no connection left',
}
/** Of pg, pg-pool and the watch for silence, which have no code. */
const words =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error|Client was closed|PostgreSQL does not answer|The connections to PostgreSQL were cut)/

/** How PostgreSQL fails, in one sentence. */
export const saysOfDatabase = (detail: string): string => `PostgreSQL cannot be used: ${detail}`

/** Of an error that nobody expected: the sentence when the database cannot be used, else undefined. */
export function databaseOutage(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const code = sqlState(error)
  const kind = driverKinds[driverKind(error) ?? '']
  if (kind !== undefined) return saysOfDatabase(kind)
  const isOne = code === undefined ? words.test(error.message) : serverStates.test(code) || networkCodes.has(code)
  // Prisma's messages begin with the call.
  return isOne ? saysOfDatabase(error.message.split('\n').at(-1) || (code ?? error.name)) : undefined
}
