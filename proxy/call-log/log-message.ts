// Envoys' access logs as gRPC carries them (opentelemetry.proto.collector.logs.v1.LogsService): each message is a call of its own.
import { eachBody } from './log-records.ts'

const asItIs = (bytes: Buffer) => bytes

export const logService = {
  Export: {
    path: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
    requestStream: false,
    responseStream: false,
    requestSerialize: asItIs,
    requestDeserialize: asItIs,
    responseSerialize: asItIs,
    responseDeserialize: asItIs,
  },
} as const

/** The answer: an ExportLogsServiceResponse that says nothing. */
export const taken = Buffer.alloc(0)

/** In their order. Throws a RangeError where it is no such message. */
export function linesOf(message: Buffer): string[] {
  const lines: string[] = []
  // Bytes as characters: names that FaDO has are ASCII, and what is no UTF-8 stays what it is.
  eachBody(message, (from, to) => lines.push(message.toString('latin1', from, to)))
  return lines
}
