// Envoys' access logs as gRPC carries them (opentelemetry.proto.collector.logs.v1.LogsService): each message is a call of its own.
import { attributeOf, eachBody } from './log-records.ts'

const asItIs = (bytes: Buffer) => bytes

export const logService = {
  Export: {
    path: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
    // It is one message. As a stream nothing is read of it before the handler asks, so who proves nothing has nothing kept.
    requestStream: true,
    responseStream: false,
    requestSerialize: asItIs,
    requestDeserialize: asItIs,
    responseSerialize: asItIs,
    responseDeserialize: asItIs,
  },
} as const

/** The answer: an ExportLogsServiceResponse that says nothing. */
export const taken = Buffer.alloc(0)

/** Of Envoy's own labels. */
const nodeLabel = 'node_name'

/** `nodeId`: of the Envoy that tells; undefined where it does not say. `lines`: in their order. */
export type LogMessage = { readonly nodeId: string | undefined; readonly lines: readonly string[] }

/** Envoy tells when it has 128 kB. What is much longer would be millions of lines, which all others wait for. */
const mostBytes = 4 * 1024 * 1024

/** Throws a RangeError where it is no such message. */
export function readMessage(message: Buffer): LogMessage {
  if (message.length > mostBytes) throw new RangeError(`a log of calls has ${message.length} bytes`)
  const lines: string[] = []
  // Bytes as characters: names that FaDO has are ASCII, and what is no UTF-8 stays what it is.
  eachBody(message, (from, to) => lines.push(message.toString('latin1', from, to)))
  return { nodeId: attributeOf(message, nodeLabel), lines }
}
