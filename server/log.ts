import pino, { type DestinationStream, type Logger } from 'pino'

export type Log = Logger

/** Names whose values never reach a log, wherever they stand. */
const secrets = ['accessKey', 'secretKey', 'credentials', 'password', 'token', 'authorization', 'secret']
const redact = secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

/** Lines of JSON on standard error, so that standard output stays for people. */
export function createLog(level: string, name: string, to: DestinationStream = pino.destination(2)): Log {
  return pino({ level, name, redact, base: null, timestamp: pino.stdTimeFunctions.isoTime }, to)
}
